package ocr

// What tests look at from outside.
var (
	ParseHOCR   = parseHOCR
	LeaderDots  = leaderDots
	EncodeJob   = encodeJob
	DecodeJob   = decodeJob
	PageProblem = pageProblem
)
