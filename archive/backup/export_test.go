package backup

// ParseEntry is parseEntry, for fuzzing.
var ParseEntry = parseEntry
