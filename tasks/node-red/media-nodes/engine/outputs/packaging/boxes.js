'use strict'

/** Boxes of an ISO base media file (ISO/IEC 14496-12, 4.2): a size of four bytes, a name of four, then what is in it. */
const HEADER_BYTES = 8
/** A full box (4.2) begins with a version and three bytes of flags. */
const FULL_HEADER_BYTES = 12

/** The size and the name of the box that begins at `at`. */
function boxAt (bytes, at) {
  return { size: bytes.readUInt32BE(at), name: bytes.toString('latin1', at + 4, at + HEADER_BYTES) }
}

/** The boxes of one name directly in `bytes`, each with its header. */
function * boxesNamed (bytes, name, from = 0) {
  for (let at = from; at + HEADER_BYTES <= bytes.length;) {
    const box = boxAt(bytes, at)
    if (box.size < HEADER_BYTES) return // 0: to the end of the file, 1: a size of eight bytes; FFmpeg writes neither in what is read here
    if (box.name === name) yield bytes.subarray(at, at + box.size)
    at += box.size
  }
}

/** The first box on a way of names from `bytes`, which is itself a box; undefined without one. */
function boxIn (bytes, ...names) {
  return names.reduce((box, name) => box && boxesNamed(box, name, HEADER_BYTES).next().value, bytes)
}

/** The flags of a full box. */
function flagsOf (box) {
  return box.readUInt32BE(HEADER_BYTES) & 0xffffff
}

/** The version of a full box. */
function versionOf (box) {
  return box[HEADER_BYTES]
}

module.exports = { FULL_HEADER_BYTES, HEADER_BYTES, boxAt, boxIn, boxesNamed, flagsOf, versionOf }
