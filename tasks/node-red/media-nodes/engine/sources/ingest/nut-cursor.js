'use strict'

/** The bytes end within what is being read: come again with more. */
class NeedsMore extends Error {}

/** A place in bytes that moves on. */
class Cursor {
  constructor (bytes, at) {
    this.bytes = bytes
    this.at = at
  }

  skip (count) {
    if (this.at + count > this.bytes.length) throw new NeedsMore()
    this.at += count
    return this.at - count
  }

  byte () {
    return this.bytes[this.skip(1)]
  }

  /** An unsigned number, seven bits a byte. */
  number () {
    let value = 0
    for (;;) {
      const byte = this.byte()
      value = value * 128 + (byte & 127)
      if (byte < 128) return value
    }
  }

  signed () {
    const value = this.number() + 1
    return value % 2 ? -Math.floor(value / 2) : value / 2
  }

  blob () {
    const length = this.number()
    return this.bytes.subarray(this.skip(length), this.at)
  }
}

module.exports = { Cursor, NeedsMore }
