package bleve

// Schema is schema.
const Schema = schema

// Segments are the files of the segments in use.
func (x *Index) Segments() (paths []string, err error) {
	err = x.use(func(g *generation) error {
		paths, err = g.segments()
		return err
	})
	return paths, err
}
