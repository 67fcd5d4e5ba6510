package search_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"sohoa"
	"sohoa/search"
	"sohoa/search/searchtest"
)

// followed are the actions that may change what is indexed, each with what an
// entry of it has the recorder apply, which knows documents 1 to 3.
var followed = map[sohoa.Action]string{
	sohoa.ActionRead:       "1: 2/1",
	sohoa.ActionCompose:    "1: 2/1 2/2", // fields
	sohoa.ActionConfirm:    "1: 2/1 2/2",
	sohoa.ActionArrange:    "1: 2/1 2/2", // pages
	sohoa.ActionHold:       "1: 2/1 2/2", // ends being parked
	sohoa.ActionRelease:    "1: 2/1 2/2", // removes parts that were emptied
	sohoa.ActionPark:       "1: 2/1 2/2", // state
	sohoa.ActionRetry:      "1: 2/1 2/2",
	sohoa.ActionRecover:    "1: 2/1 2/2", // everything
	sohoa.ActionKeep:       "1: 2/1 2/2", // state, type
	sohoa.ActionImport:     "1: 2/1 2/2",
	sohoa.ActionRevoke:     "1: 2/1 2/2", // force
	sohoa.ActionReinstate:  "1: 2/1 2/2",
	sohoa.ActionReplace:    "1: 2/1 2/2",
	sohoa.ActionValidity:   "1: 2/1 2/2",
	sohoa.ActionType:       "1: 2/1 2/2",
	sohoa.ActionDestroy:    "1: 2/1 2/2",
	sohoa.ActionAssign:     "1: 2/1 2/2", // type
	sohoa.ActionReuse:      "1: 2/1 2/2", // who may see it
	sohoa.ActionReuseEnd:   "1: 2/1 2/2",
	sohoa.ActionDossierSet: "1: 1/1", // owner, procedure
	sohoa.ActionProcedure:  "1: 1/1", // its name
	sohoa.ActionAgency:     "1: 1/1", // its name
}

// ignored are the actions that change nothing that is indexed.
var ignored = []sohoa.Action{
	sohoa.ActionAccept, sohoa.ActionSplit, // nothing is read yet
	sohoa.ActionDossier,                                                                                               // it has no documents yet
	sohoa.ActionSign, sohoa.ActionStamp, sohoa.ActionRenew, sohoa.ActionAmend, sohoa.ActionCopied, sohoa.ActionRepair, // files
	sohoa.ActionSecond, sohoa.ActionFixity, sohoa.ActionDamage,
	sohoa.ActionSet, sohoa.ActionDelegate, sohoa.ActionRefuse, sohoa.ActionWithdraw, sohoa.ActionPrepare, sohoa.ActionPINFail,
	sohoa.ActionRetention, sohoa.ActionLegalHold, sohoa.ActionLiftHold, sohoa.ActionSchedule, sohoa.ActionEnd,
	sohoa.ActionPropose, sohoa.ActionDecide, sohoa.ActionApprove, sohoa.ActionStop, sohoa.ActionSpare, sohoa.ActionCertify,
	sohoa.ActionCompare, sohoa.ActionResult,
	sohoa.ActionExpect, sohoa.ActionOmit, sohoa.ActionOmitEnd,
	sohoa.ActionHeld, sohoa.ActionDecline, sohoa.ActionReuseLost, sohoa.ActionReuseSeen,
	sohoa.ActionKey, sohoa.ActionHook, sohoa.ActionHookFail, sohoa.ActionUser, sohoa.ActionSignIn, sohoa.ActionSignFail,
	sohoa.ActionLookup, sohoa.ActionStatus, sohoa.ActionExport, sohoa.ActionCopy, sohoa.ActionCopyEnd, sohoa.ActionView, sohoa.ActionDownload, sohoa.ActionDeny,
	sohoa.ActionSuggest, sohoa.ActionSavedSearch, sohoa.ActionSearch, sohoa.ActionViewDossier, sohoa.ActionList,
	sohoa.ActionSample, sohoa.ActionJudge, sohoa.ActionSampleClose, sohoa.ActionCorrect,
	sohoa.ActionHead, sohoa.ActionStampHead, sohoa.ActionVerify, sohoa.ActionReport,
	sohoa.ActionFlag, sohoa.ActionFlagClosed,
	sohoa.ActionRestore, // what is restored says document.recover
}

// TestFollowEveryAction goes through all actions that there are: whoever adds
// one says here whether the index has to follow it.
func TestFollowEveryAction(t *testing.T) {
	for _, action := range actions(t) {
		want, ok := followed[action]
		if ok == slices.Contains(ignored, action) {
			t.Errorf("%s: in one of followed and ignored, please", action)
			continue
		}
		if !ok {
			want = "1:"
		}
		src, idx := searchtest.NewSource(), new(recorder)
		for _, d := range []search.PageDoc{at(1, 1), at(2, 1), at(2, 2), at(3, 1)} {
			src.Replace(d)
		}
		e := sohoa.Entry{Action: action, Document: searchtest.ID(2), Page: 1}
		if action == sohoa.ActionDossierSet || action == sohoa.ActionProcedure || action == sohoa.ActionAgency {
			e = sohoa.Entry{Action: action, Dossier: "H1", Detail: `{"procedure":"1.001","agency":"H49"}`}
		}
		src.Enter(e)
		if err := search.CatchUp(t.Context(), idx, src); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(idx.batches, []string{want}) {
			t.Errorf("%s: applied %q, want %q", action, idx.batches, want)
		}
	}
}

// actions are the constants of type sohoa.Action.
func actions(t *testing.T) (all []sohoa.Action) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../sohoa.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := v.Type.(*ast.Ident); ok && name.Name == "Action" {
			s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, sohoa.Action(s))
		}
		return true
	})
	if len(all) < len(followed)+len(ignored) {
		t.Fatalf("%d actions in sohoa.go, want at least %d", len(all), len(followed)+len(ignored))
	}
	return all
}
