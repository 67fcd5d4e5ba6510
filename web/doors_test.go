package web

import "sohoa"

// What tests of all routes read.
const (
	AnybodyIn = anybodyIn
	Everybody = everybody
)

// CheapPasswords makes hashes of passwords cost next to nothing until the
// function that it returns is called.
func CheapPasswords() (restore func()) {
	memory, passes := argonMemory, argonPasses
	argonMemory, argonPasses = 64, 1
	return func() { argonMemory, argonPasses = memory, passes }
}

// Doors are the pages by their patterns, with the power that each needs.
func (s *Server) Doors() map[string]sohoa.Power { return s.doors }

// OperationPowers are the operations of the API by their identifiers, with the
// power that each needs.
func OperationPowers() map[string]sohoa.Power { return operationPowers }

// KeyOperations are those that a program may call.
func KeyOperations() map[string]sohoa.KeyScope { return keyOperations }
