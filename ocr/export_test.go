package ocr

// What tests look at from outside.
var (
	ParseHOCR   = parseHOCR
	LeaderDots  = leaderDots
	DecodeJob   = decodeJob
	PageProblem = pageProblem
)

// EncodeJob is a page as it goes to the child.
func EncodeJob(p Page) ([]byte, error) { return jobOf(p, "").encode(p.Image) }
