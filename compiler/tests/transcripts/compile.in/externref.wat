(module (func (export "f") (param externref)))
