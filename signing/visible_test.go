package signing_test

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"sohoa/signing"
	"sohoa/signing/mark"
)

// vietnamese has every letter of the Vietnamese alphabet that is not ASCII.
const vietnamese = "ăâđêôơư àằầèềìòồờùừỳ ảẳẩẻểỉỏổởủửỷ ãẵẫẽễĩõỗỡũữỹ áắấéếíóốớúứý ạặậẹệịọộợụựỵ"

// page is the default page with other entries.
func page(entries string) plain {
	return plain{objects: map[int]string{
		3: "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<>>" + entries + ">>",
	}}
}

// box is where pdftotext finds a word, in points from the top left corner of
// the page as it is seen.
type box struct{ x0, y0, x1, y1, width, height float64 }

// words returns where each word stands on the first page, which is turned for
// viewing or not.
func words(t *testing.T, pdf []byte, turned bool) map[string]box {
	t.Helper()
	out, err := exec.Command(need(t, "pdftotext"), "-bbox", "-cropbox", temp(t, "a.pdf", pdf), "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]box{}
	var width, height float64
	for _, line := range strings.Split(string(out), "\n") {
		line = strings.TrimSpace(line)
		if n, _ := fmt.Sscanf(line, `<page width="%f" height="%f">`, &width, &height); n == 2 {
			if turned { // pdftotext gives the size before turning
				width, height = height, width
			}
			continue
		}
		b := box{width: width, height: height}
		if n, _ := fmt.Sscanf(line, `<word xMin="%f" yMin="%f" xMax="%f" yMax="%f">`, &b.x0, &b.y0, &b.x1, &b.y1); n == 4 {
			text := line[strings.Index(line, ">")+1:]
			found[strings.TrimSuffix(text, "</word>")] = b
		}
	}
	return found
}

func TestMarkStandsInItsCorner(t *testing.T) {
	agency := mark.Agency("Sao y", "Ủy ban nhân dân xã Kỳ Sơn", moment)
	operator := mark.Operator("Nguyễn Vĩnh Nghĩa", moment)
	pages := []struct{ name, entries string }{
		{"upright", "/MediaBox[0 0 595 842]"},
		{"origin elsewhere", "/MediaBox[-100 50 495 892]"},
		{"corners swapped", "/MediaBox[595 842 0 0]"},
		{"cropped", "/MediaBox[0 0 700 900]/CropBox[50 30 645 872]"},
	}
	for _, p := range pages {
		for _, rotate := range []int{0, 90, 180, 270, -90} {
			t.Run(p.name+" "+strconv.Itoa(rotate), func(t *testing.T) {
				pdf := page(p.entries + "/Rotate " + strconv.Itoa(rotate)).table()
				right, _ := sign(t, pdf, signing.Request{Mark: agency}, nil)
				both, _ := sign(t, right, signing.Request{Mark: operator}, nil)
				wantSigned(t, both, 2)
				found := words(t, both, rotate%180 != 0)
				if b := found["Sơn"]; b.width-b.x1 < 10 || b.width-b.x1 > 60 || b.y0 < 10 || b.y1 > 60 {
					t.Errorf("the agency's mark ends at %+v, want the top right", b)
				}
				if b := found["Nguyễn"]; b.x0 < 10 || b.x0 > 30 || b.y0 < 10 || b.y1 > 40 {
					t.Errorf("the operator's mark begins at %+v, want the top left", b)
				}
				if b := found["Nghĩa"]; b.y1-b.y0 < 8 || b.y1-b.y0 > 14 || b.x0 < found["Nguyễn"].x0 {
					t.Errorf("Nghĩa at %+v, want it upright, right of Nguyễn", b)
				}
			})
		}
	}
}

func TestMarkKeepsEveryLetter(t *testing.T) {
	text := vietnamese + " " + strings.ToUpper(vietnamese)
	out, _ := sign(t, plain{}.table(), signing.Request{Mark: &mark.Mark{Lines: []string{text}}}, nil)
	found := words(t, out, false)
	for _, w := range strings.Fields(text) {
		if _, ok := found[w]; !ok {
			t.Errorf("pdftotext does not find %q", w)
		}
	}
}

func TestMarkFitsSmallPages(t *testing.T) {
	long := mark.Agency("Sao y", strings.Repeat("Trung tâm Phục vụ hành chính công ", 4), moment)
	out, _ := sign(t, page("/MediaBox[0 0 210 298]").table(), signing.Request{Mark: long}, nil)
	for w, b := range words(t, out, false) {
		if b.x0 < 0 || b.y0 < 0 || b.x1 > b.width || b.y1 > b.height {
			t.Errorf("%q at %+v leaves the page", w, b)
		}
	}
	_, err := trySign(t, page("/MediaBox[0 0 9 9]").table(), signing.Request{Mark: long})
	wantProblem(t, err, "sign.no-room")
	if !errors.Is(err, mark.ErrNoRoom) { // who signs for the office goes on without the mark
		t.Errorf("Sign on 9×9 points = %v, want mark.ErrNoRoom", err)
	}
}
