package evidence

// Certificates is for fuzzing what authorities give out as issuers.
var Certificates = certificates
