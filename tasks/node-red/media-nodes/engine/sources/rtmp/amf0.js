'use strict'

/** Action Message Format 0, in which RTMP's commands are written. */

const TYPE = { number: 0, boolean: 1, string: 2, object: 3, null: 5, undefined: 6, ecmaArray: 8, objectEnd: 9, strictArray: 10, date: 11, longString: 12 }
const DEEPEST = 8

/** What came is no AMF0, or a kind of it that no command has. */
class WrongAmf extends Error {}

/** @returns {Array} the values that `bytes` hold, one after the other; @throws {WrongAmf|RangeError} */
function decodeAmf (bytes) {
  const cursor = { bytes, at: 0 }
  const values = []
  while (cursor.at < bytes.length) values.push(decodeValue(cursor, 0))
  return values
}

function decodeValue (cursor, depth) {
  if (depth > DEEPEST) throw new WrongAmf('too deep')
  const type = cursor.bytes.readUInt8(cursor.at++)
  switch (type) {
    case TYPE.number: return cursor.bytes.readDoubleBE((cursor.at += 8) - 8)
    case TYPE.boolean: return cursor.bytes.readUInt8(cursor.at++) !== 0
    case TYPE.string: return decodeString(cursor, 2)
    case TYPE.longString: return decodeString(cursor, 4)
    case TYPE.null: case TYPE.undefined: return null
    case TYPE.date: return cursor.bytes.readDoubleBE((cursor.at += 10) - 10)
    case TYPE.object: return decodeObject(cursor, depth)
    case TYPE.ecmaArray:
      cursor.at += 4
      return decodeObject(cursor, depth)
    case TYPE.strictArray: {
      const count = cursor.bytes.readUInt32BE((cursor.at += 4) - 4)
      if (count > cursor.bytes.length) throw new WrongAmf('an array is longer than the message')
      return Array.from({ length: count }, () => decodeValue(cursor, depth + 1))
    }
    default: throw new WrongAmf(`type ${type}`)
  }
}

function decodeObject (cursor, depth) {
  const pairs = []
  for (;;) {
    const name = decodeString(cursor, 2)
    if (name === '' && cursor.bytes.readUInt8(cursor.at) === TYPE.objectEnd) {
      cursor.at += 1
      // Names are the sender's: none may reach a prototype.
      return Object.assign(Object.create(null), Object.fromEntries(pairs))
    }
    pairs.push([name, decodeValue(cursor, depth + 1)])
  }
}

function decodeString (cursor, lengthBytes) {
  const length = cursor.bytes.readUIntBE((cursor.at += lengthBytes) - lengthBytes, lengthBytes)
  if (cursor.at + length > cursor.bytes.length) throw new WrongAmf('a text is longer than the message')
  return cursor.bytes.toString('utf8', cursor.at, cursor.at += length)
}

/** @param {Array} values numbers, booleans, strings, null and flat objects of those; @returns {Buffer} */
function encodeAmf (...values) {
  return Buffer.concat(values.map(encodeValue))
}

function encodeValue (value) {
  if (value === null) return Buffer.from([TYPE.null])
  if (typeof value === 'boolean') return Buffer.from([TYPE.boolean, value ? 1 : 0])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9)
    bytes.writeDoubleBE(value, 1)
    return bytes
  }
  if (typeof value === 'string') return Buffer.concat([Buffer.from([TYPE.string]), encodeString(value)])
  const pairs = Object.entries(value).flatMap(([name, part]) => [encodeString(name), encodeValue(part)])
  return Buffer.concat([Buffer.from([TYPE.object]), ...pairs, Buffer.from([0, 0, TYPE.objectEnd])])
}

function encodeString (text) {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

module.exports = { decodeAmf, encodeAmf, WrongAmf }
