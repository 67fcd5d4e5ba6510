package eark

import (
	"strconv"
	"unicode/utf8"

	"sohoa"
)

// Fields are descriptive fields of TT 05/2025/TT-BNV by name. Absent and empty
// are the same.
type Fields map[string]string

// The fields that others than this package have to name.
const (
	FileCode        = "fileCode"        // mã hồ sơ
	Title           = "title"           // tiêu đề hồ sơ
	Maintenance     = "maintenance"     // thời hạn lưu trữ, 01 to 07
	Mode            = "mode"            // chế độ sử dụng: 01 công khai, 02 có điều kiện, 03 mật
	Language        = "language"        // 01 tiếng Việt
	StartDate       = "startDate"       // DD/MM/YYYY
	EndDate         = "endDate"         // DD/MM/YYYY
	TotalDoc        = "totalDoc"        // number of documents in the package
	NumberOfPaper   = "numberOfPaper"   // sheets
	NumberOfPage    = "numberOfPage"    //
	ConfidenceLevel = "confidenceLevel" // 01 gốc điện tử, 02 số hóa, 03 hỗn hợp
	Description     = "description"     // ghi chú
	DocID           = "docId"           // mã định danh tài liệu
	DocCode         = "docCode"         // fileCode "." serial of seven digits
	TypeName        = "typeName"        // 01 to 32
	CodeNumber      = sohoa.FieldCodeNumber
	CodeNotation    = sohoa.FieldCodeNotation
	IssuedDate      = sohoa.FieldIssuedDate // DD/MM/YYYY
	OrganName       = sohoa.FieldOrganName
	Subject         = sohoa.FieldSubject
	Process         = "process" // 1: there is a log of its handling
)

// rule is one field: its name and how many characters it may have.
type rule struct {
	name string
	most int
}

// dossierRules are the fields of EAD.xml, in order (TT 05/2025/TT-BNV).
var dossierRules = []rule{
	{FileCode, 100}, {Title, 1000}, {Maintenance, 100}, {Mode, 30}, {Language, 100}, {StartDate, 10}, {EndDate, 10},
	{"keyword", 100}, {TotalDoc, 10}, {NumberOfPaper, 10}, {NumberOfPage, 10}, {"format", 50}, {"inforSign", 30},
	{ConfidenceLevel, 40}, {"paperFileCode", 100}, {"riskRecovery", 1}, {"riskRecoveryStatus", 2}, {Description, 2000},
}

// documentRules are the fields of EAD_doc.xml, in order.
var documentRules = []rule{
	{DocID, 26}, {DocCode, 108}, {Maintenance, 100}, {TypeName, 100}, {CodeNumber, 11}, {CodeNotation, 30},
	{IssuedDate, 10}, {OrganName, 200}, {Subject, 500}, {Language, 100}, {NumberOfPage, 4}, {"inforSign", 30},
	{"keyword", 100}, {Mode, 30}, {ConfidenceLevel, 40}, {"autograph", 2000}, {"format", 50}, {"riskRecovery", 1},
	{"riskRecoveryStatus", 2}, {Process, 1}, {Description, 2000},
}

// aliases are names that other systems have for the same fields.
var aliases = map[string]string{"arcFileCode": FileCode}

// described writes fields as the circular has them: one flat element each, the
// empty ones left out, longer values cut to what the field takes.
func (f Fields) described(rules []rule) []byte {
	root := el("simpledc")
	for _, r := range rules {
		if v := f[r.name]; v != "" {
			root.add(value(r.name, shorten(v, r.most)))
		}
	}
	return root.document()
}

// shorten cuts s to n characters, of which the last then says so.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// schemaOf is the XML schema of described. The circular prints its fields as
// tables; the element that holds them is the one of its sample packages.
func schemaOf(rules []rule) []byte {
	all := el("xs:sequence")
	for _, r := range rules {
		all.add(el("xs:element", "name", r.name, "minOccurs", "0").add(
			el("xs:simpleType").add(el("xs:restriction", "base", "xs:string").add(el("xs:maxLength", "value", strconv.Itoa(r.most))))))
	}
	return el("xs:schema", "xmlns:xs", "http://www.w3.org/2001/XMLSchema", "elementFormDefault", "qualified").add(
		el("xs:element", "name", "simpledc").add(el("xs:complexType").add(all))).document()
}
