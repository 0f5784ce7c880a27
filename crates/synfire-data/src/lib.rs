//! Image data sets as bits: IDX files, a pinned shuffle, and handwritten-looking digits made from nothing
