package sohoa

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// Schedule is the retention schedule (bảng thời hạn lưu trữ) of an office.
type Schedule struct {
	Version int       `json:"version"` // counts the changes; 0 is DefaultSchedule
	Rules   []Rule    `json:"rules"`
	By      string    `json:"by,omitempty"` // User.Name of who set it
	At      time.Time `json:"at,omitzero"`
}

// Rule is the retention of one kind of paper or result.
type Rule struct {
	Type  string        `json:"type" toml:"type"` // Life.Type; empty is every other kind
	Name  string        `json:"name" toml:"name"` // in Vietnamese
	Code  RetentionCode `json:"code" toml:"code"`
	Years int           `json:"years,omitempty" toml:"years,omitempty"` // of RetentionOther
	Basis string        `json:"basis" toml:"basis"`                     // the law that says so
}

// DefaultSchedule is what law says of the kinds that are known here. Whatever
// no rule names is kept for ever.
func DefaultSchedule() Schedule {
	return Schedule{Rules: []Rule{
		{Type: "so-ho-tich", Name: "Sổ hộ tịch", Code: RetentionForever, Basis: "NĐ 123/2015/NĐ-CP, Điều 12 khoản 3"},
		{Type: "gcn-qsdd", Name: "Hồ sơ cấp, cấp lại, đính chính, chuyển nhượng giấy chứng nhận quyền sử dụng đất", Code: RetentionForever, Basis: "TT 46/2016/TT-BTNMT"},
		{Type: "cong-chung", Name: "Văn bản công chứng", Code: Retention20, Basis: "Luật Công chứng 2014, Điều 64 (ít nhất 20 năm)"},
		{Type: "chung-thuc-hop-dong", Name: "Chứng thực hợp đồng, giao dịch", Code: Retention20, Basis: "NĐ 23/2015/NĐ-CP (cần đối chiếu trước khi áp dụng)"},
		{Type: "chung-thuc-chu-ky", Name: "Chứng thực chữ ký", Code: RetentionOther, Years: 2, Basis: "NĐ 23/2015/NĐ-CP (cần đối chiếu trước khi áp dụng)"},
		{Name: "Loại khác hoặc chưa xác định", Code: RetentionForever, Basis: "Chưa có quy định thì lưu vĩnh viễn"},
	}}
}

// For is the rule for a kind; it may be the one for every other kind.
func (s Schedule) For(kind string) Rule {
	for _, want := range []string{kind, ""} {
		if i := slices.IndexFunc(s.Rules, func(r Rule) bool { return r.Type == want }); i >= 0 {
			return s.Rules[i]
		}
	}
	return Rule{Code: RetentionForever}
}

// Knows reports whether a rule names the kind. The empty kind is known.
func (s Schedule) Knows(kind string) bool {
	return kind == "" || slices.ContainsFunc(s.Rules, func(r Rule) bool { return r.Type == kind })
}

// Check reports as a Problem why s cannot be the schedule: "schedule.rule"
// names the rule and what is wrong with it.
func (s Schedule) Check() error {
	if len(s.Rules) == 0 || len(s.Rules) > MaxRules {
		return &Problem{Kind: ErrInvalid, Code: "schedule.size", Args: []string{strconv.Itoa(MaxRules)}}
	}
	seen := map[string]bool{}
	for i, r := range s.Rules {
		if !r.good() || seen[r.Type] {
			return &Problem{Kind: ErrInvalid, Code: "schedule.rule", Args: []string{strconv.Itoa(i + 1), cmp.Or(r.Type, r.Name)}}
		}
		seen[r.Type] = true
	}
	return nil
}

// good reports whether r is a rule.
func (r Rule) good() bool {
	for _, c := range r.Type {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	for _, text := range []string{r.Name, r.Basis} {
		if n := utf8.RuneCountInString(text); n == 0 || n > MaxDecisionRunes || !utf8.ValidString(text) {
			return false
		}
	}
	return len(r.Type) <= 60 && r.Code.good(r.Years)
}

// good reports whether there is such a period. Years is for RetentionOther
// alone.
func (c RetentionCode) good(years int) bool {
	if c == RetentionOther {
		return years >= 1 && years <= MaxRetentionYears
	}
	_, known := periods[c]
	return (known || c == RetentionForever) && years == 0
}

// periods are the codes of fixed periods, in years.
var periods = map[RetentionCode]int{Retention70: 70, Retention50: 50, Retention30: 30, Retention20: 20, Retention10: 10}

// Period is for how many years something is kept; forever if that is how long.
func (r Retention) Period() (years int, forever bool) {
	if r.Code == RetentionOther {
		return r.Years, false
	}
	years, ok := periods[r.Code]
	return years, !ok
}

// Longer reports whether r keeps something longer than other does.
func (r Retention) Longer(other Retention) bool {
	length := func(r Retention) int {
		if n, forever := r.Period(); !forever {
			return n
		}
		return math.MaxInt
	}
	return length(r) > length(other)
}

// CheckPeriod reports as a Problem that r has no such period.
func (r Retention) CheckPeriod() error {
	if !r.Code.good(r.Years) {
		return &Problem{Kind: ErrInvalid, Code: "retention.period", Args: []string{string(r.Code), strconv.Itoa(r.Years)}}
	}
	return nil
}

// From is r counted from a day.
func (r Retention) From(starts Date) Retention {
	r.Starts, r.Due = starts, ""
	years, forever := r.Period()
	if t, err := time.Parse(time.DateOnly, string(starts)); err == nil && !forever {
		r.Due = Date(t.AddDate(years, 0, 0).Format(time.DateOnly))
	}
	return r
}

// RetentionStart is from when the retention of papers counts whose work ended
// on a day: the first of January after it, as periods in whole years count
// from the end of the year (Luật Lưu trữ 33/2024/QH15 counts so the time of
// hand-over). Empty for no day.
func RetentionStart(ended Date) Date {
	t, err := time.Parse(time.DateOnly, string(ended))
	if err != nil {
		return ""
	}
	return Date(time.Date(t.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
}

// Retention is what the rule makes of a retention: its period, and holds that
// stay.
func (r Rule) Retention(now Retention, version int) Retention {
	to := Retention{Code: r.Code, Years: r.Years, Basis: r.Basis, Rule: version, Holds: now.Holds}
	return to.From(now.Starts)
}

// MayEnd reports as a Problem why something is not due for disposal on a day:
// kept for ever, not yet due, or on hold.
func (r Retention) MayEnd(day Date) error {
	switch {
	case len(r.Holds) > 0:
		return &Problem{Kind: ErrConflict, Code: "disposal.hold", Args: []string{r.Holds[0].Reason}}
	case r.Due == "":
		return &Problem{Kind: ErrConflict, Code: "disposal.forever"}
	case day < r.Due:
		return &Problem{Kind: ErrConflict, Code: "disposal.not-due", Args: []string{r.Due.OnPaper()}}
	}
	return nil
}

// ScheduleColumns head the table of a schedule.
var ScheduleColumns = []string{"type", "name", "code", "years", "basis"}

// Rows are the rules as lines of a table, by ScheduleColumns.
func (s Schedule) Rows() [][]string {
	var rows [][]string
	for _, r := range s.Rules {
		years := ""
		if r.Years > 0 {
			years = strconv.Itoa(r.Years)
		}
		rows = append(rows, []string{r.Type, r.Name, string(r.Code), years, r.Basis})
	}
	return rows
}

// RulesOf reads rules from the lines of a table with a cell for each of
// ScheduleColumns; codes without their zero are understood. If no line is
// wrong, a Schedule of them passes Check, unless it is empty or too long.
func RulesOf(rows []TableRow) ([]Rule, []RowProblem) {
	var all []Rule
	var wrong []RowProblem
	seen := map[string]bool{}
	for _, row := range rows {
		rule, err := ruleOf(row.Cells)
		if err == nil && (!rule.good() || seen[rule.Type]) {
			err = ErrInvalid
		}
		if err != nil {
			wrong = append(wrong, RowProblem{row.Number, &Problem{Kind: ErrInvalid, Code: "schedule.rule",
				Args: []string{strconv.Itoa(row.Number), cmp.Or(rule.Type, rule.Name)}, Detail: err.Error()}})
		}
		seen[rule.Type] = true
		all = append(all, rule)
	}
	return all, wrong
}

// ruleOf reads one line of the table.
func ruleOf(row []string) (Rule, error) {
	r := Rule{Type: row[0], Name: row[1], Code: RetentionCode(row[2]), Basis: row[4]}
	if len(r.Code) == 1 {
		r.Code = "0" + r.Code
	}
	if row[3] == "" {
		return r, nil
	}
	n, err := strconv.Atoi(row[3])
	if err != nil {
		return r, fmt.Errorf("years: %w", err)
	}
	r.Years = n
	return r, nil
}
