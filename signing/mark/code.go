package mark

import (
	"bytes"
	"fmt"
	"image/color"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"sohoa"
)

// Sizes of QR codes. A module of 0.42 mm has three pixels at 200 dpi, the
// resolution of office scans.
const (
	codeSide   = 18 * millimetre   // with its quiet zone
	leastDot   = 0.42 * millimetre // a module
	quietZone  = 4                 // modules on each side (ISO/IEC 18004, 6.3.8)
	minVersion = 21                // modules along a side
)

// code is a QR code with its quiet zone.
type code struct {
	modules barcode.Barcode
	side    float64 // points, with the quiet zone
}

// newCode makes the code of an address, with error correction M: 15 % of it
// may be unreadable.
func newCode(address string) (*code, error) {
	b, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil || b.Bounds().Dx() < minVersion {
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.mark-qr", Detail: fmt.Sprint(err)}
	}
	c := &code{modules: b}
	c.side = max(codeSide, leastDot*float64(c.count()))
	return c, nil
}

// count is the number of modules along a side, with the quiet zone.
func (c *code) count() int { return c.modules.Bounds().Dx() + 2*quietZone }

// write draws the code black on white, with its lower left corner at (x, y).
// The modules are one path, so that nothing shines through between them.
func (c *code) write(w *bytes.Buffer, x, y float64) {
	n := c.count()
	dot := c.side / float64(n)
	fmt.Fprintf(w, "q\n%s 0 0 %s %s %s cm\n1 g\n0 0 %d %d re\nf\n0 g\n", fine(dot), fine(dot), number(x), number(y), n, n)
	side := n - 2*quietZone
	for row := range side {
		for from := 0; from < side; from++ {
			to := from
			for to < side && c.black(to, row) {
				to++
			}
			if to > from {
				fmt.Fprintf(w, "%d %d %d 1 re\n", quietZone+from, n-quietZone-row-1, to-from)
				from = to
			}
		}
	}
	w.WriteString("f\nQ\n")
}

func (c *code) black(x, y int) bool {
	return color.GrayModel.Convert(c.modules.At(x, y)).(color.Gray).Y < 128
}

// fine is a number where thousandths would add up.
func fine(f float64) string { return fmt.Sprintf("%.6f", f) }
