package eark

import (
	"fmt"
	"strconv"
)

// idLocal is the type of identifiers: ours, unique in the package or as the
// documents' URNs are.
const idLocal = "local"

func premis() *element {
	return el("premis", "xmlns", "http://www.loc.gov/premis/v3", "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance", "version", "3.0")
}

// life is PREMIS.xml of the package: the dossier and its documents as
// intellectual entities, what happened to them, and who took part.
func (p *Package) life() []byte {
	root := premis()
	root.add(entity(p.ID(), p.Facts))
	for _, d := range p.Documents {
		root.add(entity(d.urn(), d.Facts).add(related("structural", "is included in", p.ID())))
	}
	for i, e := range p.Events {
		root.add(e.element(p.ID(), i))
	}
	for _, d := range p.Documents {
		for i, e := range d.Events {
			root.add(e.element(d.urn(), i))
		}
	}
	for _, a := range p.Agents {
		root.add(a.element())
	}
	return root.document()
}

func (d Document) urn() string { return "urn:sohoa:" + d.ID }

// entity is an intellectual entity with what is known of it.
func entity(id string, facts []Fact) *element {
	e := el("object", "xsi:type", "intellectualEntity").add(named("object", idLocal, id))
	for _, f := range facts {
		if f.Value != "" {
			e.add(el("significantProperties").add(
				value("significantPropertiesType", f.Name), value("significantPropertiesValue", f.Value)))
		}
	}
	return e
}

// named is an identifier of an object, event or agent.
func named(of, kind, id string) *element {
	return el(of+"Identifier").add(value(of+"IdentifierType", kind), value(of+"IdentifierValue", id))
}

func related(kind, sub, id string) *element {
	return el("relationship").add(value("relationshipType", kind), value("relationshipSubType", sub),
		el("relatedObjectIdentifier").add(value("relatedObjectIdentifierType", idLocal), value("relatedObjectIdentifierValue", id)))
}

func (e Event) element(object string, number int) *element {
	out := el("event").add(
		named("event", idLocal, identifier("event", object, strconv.Itoa(number))),
		value("eventType", e.Type),
		value("eventDateTime", moment(e.Time)))
	if e.Detail != "" {
		out.add(el("eventDetailInformation").add(value("eventDetail", e.Detail)))
	}
	if e.Outcome != "" {
		out.add(el("eventOutcomeInformation").add(value("eventOutcome", e.Outcome)))
	}
	if e.Agent != "" {
		out.add(el("linkingAgentIdentifier").add(value("linkingAgentIdentifierType", idLocal), value("linkingAgentIdentifierValue", e.Agent)))
	}
	return out.add(el("linkingObjectIdentifier").add(value("linkingObjectIdentifierType", idLocal), value("linkingObjectIdentifierValue", object)))
}

func (a Agent) element() *element {
	return el("agent").add(named("agent", idLocal, a.ID), value("agentName", a.Name), value("agentType", a.Type))
}

// holdings is PREMIS.xml of a representation: its files, with what they are
// and what they must hash to.
func (p *Package) holdings(rep Rep, files []placed) []byte {
	whole := p.ID() + ":" + string(rep)
	root := premis().add(el("object", "xsi:type", "representation").add(named("object", idLocal, whole),
		el("significantProperties").add(value("significantPropertiesType", "representation type"), value("significantPropertiesValue", repTypes[rep])),
		related("structural", "represents", p.ID())))
	for _, f := range files {
		root.add(f.object(whole))
	}
	return root.document()
}

func (f placed) object(whole string) *element {
	o := el("object", "xsi:type", "file").add(
		named("object", idLocal, fmt.Sprintf("%s:%s", whole, f.path)),
		el("objectCharacteristics").add(
			el("fixity").add(value("messageDigestAlgorithm", "SHA-256"), value("messageDigest", f.file.Digest.String())),
			value("size", strconv.FormatInt(f.file.Size, 10)),
			el("format").add(el("formatDesignation").add(value("formatName", or(f.file.Format, f.file.MediaType))))))
	if f.file.Name != "" {
		o.add(value("originalName", f.file.Name))
	}
	return o.add(
		el("storage").add(el("contentLocation").add(value("contentLocationType", "relative path"), value("contentLocationValue", f.path))),
		related("structural", "is included in", whole),
		related("structural", "is part of", f.doc.urn()))
}
