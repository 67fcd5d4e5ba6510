package sohoa

import "strings"

// UserRole (vai trò) is what a person is at an office. Somebody can have
// several; the clerk of a small commune often keeps its seal too.
type UserRole string

// The roles. docs/access.md says what each is for.
const (
	UserClerk      UserRole = "clerk"       // cán bộ một cửa: takes papers in, digitises, reuses
	UserOfficial   UserRole = "official"    // người có thẩm quyền ký: signs results
	UserSealKeeper UserRole = "seal-keeper" // văn thư: signs for the agency
	UserStaff      UserRole = "staff"       // chuyên viên thụ lý: looks up and reuses
	UserArchivist  UserRole = "archivist"   // lưu trữ: retention, disposal, fixity, samples
	UserAdmin      UserRole = "admin"       // quản trị: people, agencies, settings; may do everything
	UserInspector  UserRole = "inspector"   // thanh tra, kiểm tra: reads the journal and what it flags
)

// UserRoles are all of them, in the order in which people are offered them.
var UserRoles = []UserRole{UserClerk, UserOfficial, UserSealKeeper, UserStaff, UserArchivist, UserInspector, UserAdmin}

// Power (quyền) is something that a role allows.
type Power string

// The powers. Every route of the service and every command of a desk needs
// one of them.
const (
	PowerRead    Power = "read"    // see dossiers and papers, search them
	PowerWork    Power = "work"    // open dossiers, bring papers in, arrange them, confirm fields
	PowerReuse   Power = "reuse"   // look up what is held for a dossier, use it or decline it
	PowerGive    Power = "give"    // give out copies and packages
	PowerSign    Power = "sign"    // put up for signing, sign, refuse, delegate
	PowerDecide  Power = "decide"  // revoke, replace, say how long something is valid and what type it is
	PowerDispose Power = "dispose" // retention, legal holds, disposal
	PowerSample  Power = "sample"  // draw random documents and judge their quality
	PowerInspect Power = "inspect" // the journal, and who read what
	PowerAudit   Power = "audit"   // the journal as a whole: its chain and its heads
	PowerFigures Power = "figures" // counts of an agency
	PowerManage  Power = "manage"  // people, agencies and parked work
	PowerOperate Power = "operate" // what concerns the whole installation: both copies, procedures, schedule, settings, health
)

// rolePowers says what each role may do.
var rolePowers = map[UserRole][]Power{
	UserClerk:      {PowerRead, PowerWork, PowerReuse, PowerGive, PowerSign, PowerDecide, PowerFigures},
	UserOfficial:   {PowerRead, PowerSign, PowerDecide, PowerFigures},
	UserSealKeeper: {PowerRead, PowerGive, PowerSign, PowerFigures},
	UserStaff:      {PowerRead, PowerReuse, PowerGive, PowerFigures},
	UserArchivist:  {PowerRead, PowerGive, PowerDecide, PowerDispose, PowerSample, PowerFigures, PowerOperate},
	UserAdmin: {PowerRead, PowerWork, PowerReuse, PowerGive, PowerSign, PowerDecide, PowerDispose, PowerSample, PowerInspect,
		PowerAudit, PowerFigures, PowerManage, PowerOperate},
	UserInspector: {PowerRead, PowerSample, PowerInspect, PowerAudit, PowerFigures},
}

// oversees are the roles that reach what lies below their agency; the others
// are at their own desk only.
var oversees = map[UserRole]bool{UserArchivist: true, UserAdmin: true, UserInspector: true}

// Whole reports whether a power concerns the whole installation: it takes
// somebody of no agency.
func (p Power) Whole() bool { return p == PowerOperate || p == PowerAudit }

// JoinRoles writes roles in one word: "clerk,seal-keeper".
func JoinRoles(roles []UserRole) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ",")
}

// SplitRoles reads what JoinRoles wrote. User.Check judges what it found.
func SplitRoles(s string) []UserRole {
	var roles []UserRole
	for name := range strings.SplitSeq(s, ",") {
		if name = strings.TrimSpace(name); name != "" {
			roles = append(roles, UserRole(name))
		}
	}
	return roles
}
