'use strict'

const {
  AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CreateMultipartUploadCommand, DeleteObjectsCommand, HeadObjectCommand,
  ListObjectsV2Command, ListPartsCommand, PutObjectCommand, UploadPartCommand
} = require('@aws-sdk/client-s3')
const { Backoff } = require('../../../lib/backoff')
const { UploadGone, s3Fault } = require('../storage/s3-faults')

/** Every part but the last: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const LEAST_PART_BYTES = 5 * 1024 * 1024
/** So many parts an upload may have (the same page). */
const MOST_PARTS = 10_000
/** A part holds so much of the programme (s) where that is more than the least: a day is 8,640 parts. */
const PART_SECONDS = 10
/** Parts from this one on grow, for what lasts longer than a day. */
const LAST_EVEN_PART = 9000
const GROWTH = 16
/** DeleteObjects takes no more at a time. */
const MOST_DELETED = 1000

/** How many bytes a part has at least. @param {number} number from 1 @param {number} bitRate of the file, bit/s */
function partBytes (number, bitRate) {
  const even = Math.max(LEAST_PART_BYTES, Math.ceil(bitRate * PART_SECONDS / 8))
  return number <= LAST_EVEN_PART ? even : even * GROWTH
}

/** S3's form of a CRC32. */
const base64Of = (crc32) => Buffer.from(crc32, 'hex').toString('base64')

/**
 * Brings the pieces of one file to S3 as they come: into parts of a multipart upload, and those that do not make a part yet each into an object
 * of its own beside it, under `KEY.tail/`, so that whoever finds the upload unfinished can complete it without this machine.
 *
 * It never gives up before it is told to: what S3 refuses is tried again.
 */
class Upload {
  /** What is wrong now, in words; null while all is well. */
  trouble = null
  /** Bytes that are in parts. */
  confirmedBytes = 0
  /** So much of the file (ms) is in S3, in parts or pieces. */
  safeMilliseconds = 0
  #place
  #spool
  #s3
  #time
  #bitRate
  #uploadId
  #onBegin
  #onPart
  #parts = []
  #saved = new Set()
  #last = null
  #isFinishing = false
  #wake = () => {}
  #backoff = new Backoff()

  /**
   * @param {object} place `bucket`, `key`
   * @param {Spool} spool
   * @param {object} with `s3` (client), `time` (`setTimeout`), `bitRate` (bit/s), `uploadId` of one that was begun before, `onBegin(uploadId)` told
   *   before anything is sent, `onPart(piece)` told which piece a part ended with, before the tail forgets it; both return promises
   */
  constructor (place, spool, { s3, time, bitRate, uploadId = null, onBegin = async () => {}, onPart = async () => {} }) {
    this.#place = place
    this.#spool = spool
    this.#s3 = s3
    this.#time = time
    this.#bitRate = bitRate
    this.#uploadId = uploadId
    this.#onBegin = onBegin
    this.#onPart = onPart
  }

  /** There is more in the spool. */
  more () {
    this.#last = this.#spool.pieces.at(-1) ?? this.#last
    this.#wake()
  }

  /** No more comes. */
  finish () {
    this.#isFinishing = true
    this.#wake()
  }

  /**
   * Send until the file is complete.
   *
   * @returns {Promise<object|null>} of the object `etag`, `bytes`, `parts`, and `last`, the piece that it ends with (null when it is not known);
   *   null when there was nothing to send
   * @throws {UploadGone}
   */
  async run () {
    this.more()
    if (this.#uploadId) await this.#insist(() => this.#findParts())
    for (;;) {
      const part = this.#nextPart()
      const piece = this.#nextPiece()
      if (part) await this.#sendAll(part)
      else if (this.#isFinishing) return this.#insist(() => this.#complete())
      else if (piece) await this.#insist(() => this.#savePiece(piece), () => this.#nextPart() !== null || this.#isFinishing)
      else await new Promise((resolve) => { this.#wake = resolve })
    }
  }

  /** Pieces that make a part: enough of them, or at the end all that there are. */
  #nextPart () {
    const wanted = partBytes(this.#parts.length + 1, this.#bitRate)
    const pieces = []
    let bytes = 0
    for (const piece of this.#spool.pieces) {
      pieces.push(piece)
      bytes += piece.bytes
      if (bytes >= wanted) return pieces
    }
    return this.#isFinishing && pieces.length > 0 ? pieces : null
  }

  #nextPiece () {
    return this.#spool.pieces.find(({ name }) => !this.#saved.has(name)) ?? null
  }

  async #sendAll (pieces) {
    await this.#insist(() => this.#sendPart(pieces))
    await this.#insist(() => this.#onPart(pieces.at(-1)))
    await this.#settle(pieces)
  }

  async #sendPart (pieces) {
    await this.#begin()
    const PartNumber = this.#parts.length + 1
    const { ETag, ChecksumCRC32 } = await this.#send(new UploadPartCommand({
      ...this.#object, UploadId: this.#uploadId, PartNumber, Body: await this.#spool.read(pieces), ChecksumAlgorithm: 'CRC32'
    }))
    this.#parts.push({ PartNumber, ETag, ...(ChecksumCRC32 && { ChecksumCRC32 }) })
  }

  /** These are in a part: neither the disk nor the tail needs them. */
  async #settle (pieces) {
    this.#isSafe(pieces.at(-1))
    this.confirmedBytes += pieces.reduce((sum, { bytes }) => sum + bytes, 0)
    await this.#spool.remove(pieces)
    const saved = pieces.filter(({ name }) => this.#saved.delete(name))
    // Who completes passes by what is in a part already, and the end clears what is left.
    await this.#remove(saved.map((piece) => this.#tailKey(piece))).catch(() => {})
  }

  async #savePiece (piece) {
    await this.#begin()
    await this.#send(new PutObjectCommand({ Bucket: this.#place.bucket, Key: this.#tailKey(piece), Body: await this.#spool.read([piece]) }))
    this.#saved.add(piece.name)
    this.#isSafe(piece)
  }

  #isSafe (piece) {
    this.safeMilliseconds = Math.max(this.safeMilliseconds, piece?.milliseconds ?? 0)
  }

  async #complete () {
    if (!this.#uploadId) return null
    if (this.#parts.length === 0) {
      await this.#send(new AbortMultipartUploadCommand({ ...this.#object, UploadId: this.#uploadId }))
      return null
    }
    const { ETag } = await this.#send(new CompleteMultipartUploadCommand({
      ...this.#object, UploadId: this.#uploadId, MultipartUpload: { Parts: this.#parts },
      // S3 compares: what it has is what was recorded.
      ...(this.#last && { ChecksumCRC32: base64Of(this.#last.crc32), ChecksumType: 'FULL_OBJECT' })
    })).catch((error) => this.#completedBefore(error))
    await this.#clearTail().catch(() => {}) // what stays costs little, and belongs to an object that is complete
    return { etag: ETag, bytes: this.confirmedBytes, parts: this.#parts.length, last: this.#last }
  }

  /** An attempt whose answer got lost has completed it: then the upload is gone and the object there. */
  async #completedBefore (error) {
    if (error.name !== 'NoSuchUpload') throw error
    const { ContentLength, ETag } = await this.#send(new HeadObjectCommand(this.#object)).catch(() => ({}))
    if (ContentLength !== this.confirmedBytes) throw error
    return { ETag }
  }

  async #clearTail () {
    const { Contents = [] } = await this.#send(new ListObjectsV2Command({ Bucket: this.#place.bucket, Prefix: `${this.#place.key}.tail/` }))
    await this.#remove(Contents.map(({ Key }) => Key))
  }

  async #begin () {
    if (this.#uploadId) return
    const { UploadId } = await this.#send(new CreateMultipartUploadCommand({
      ...this.#object, ContentType: 'video/mp4', ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT'
    }))
    await this.#onBegin(UploadId)
    this.#uploadId = UploadId
  }

  /** Which parts a process before this one has sent; pieces that are in them are not sent again. */
  async #findParts () {
    const found = []
    for (let marker; ;) {
      const { Parts = [], IsTruncated, NextPartNumberMarker } = await this.#send(
        new ListPartsCommand({ ...this.#object, UploadId: this.#uploadId, PartNumberMarker: marker }))
      found.push(...Parts)
      if (!IsTruncated) break
      marker = NextPartNumberMarker
    }
    this.#parts = found.map(({ PartNumber, ETag, ChecksumCRC32 }) => ({ PartNumber, ETag, ...(ChecksumCRC32 && { ChecksumCRC32 }) }))
    const bytes = found.reduce((sum, { Size }) => sum + Size, 0)
    const settled = this.#spool.pieces.filter(({ offset }) => offset < bytes)
    for (const { name } of settled) this.#saved.add(name)
    await this.#settle(settled)
    this.confirmedBytes = bytes
  }

  async #remove (keys) {
    for (let at = 0; at < keys.length; at += MOST_DELETED) {
      const Objects = keys.slice(at, at + MOST_DELETED).map((Key) => ({ Key }))
      await this.#send(new DeleteObjectsCommand({ Bucket: this.#place.bucket, Delete: { Objects, Quiet: true } }))
    }
  }

  get #object () {
    return { Bucket: this.#place.bucket, Key: this.#place.key }
  }

  #tailKey ({ name }) {
    return `${this.#place.key}.tail/${name}`
  }

  #send (command) {
    return this.#s3.send(command)
  }

  /** Try until it is done, or until `isOvertaken()`. @throws {UploadGone} */
  async #insist (step, isOvertaken = () => false) {
    for (;;) {
      try {
        const result = await step()
        this.trouble = null
        this.#backoff.reset()
        return result
      } catch (error) {
        if ((error.Code ?? error.name) === 'NoSuchUpload') throw new UploadGone(`s3://${this.#place.bucket}/${this.#place.key}`)
        this.trouble = s3Fault(error, this.#place)
      }
      await new Promise((resolve) => this.#time.setTimeout(resolve, this.#backoff.next() * 1000))
      if (isOvertaken()) return null
    }
  }
}

module.exports = { LEAST_PART_BYTES, MOST_PARTS, Upload, partBytes }
