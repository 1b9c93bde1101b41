'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const zlib = require('node:zlib')
const { afterEach, beforeEach, describe, it } = require('node:test')
const { Spool } = require('../../../engine/outputs/recording/spool')
const { MOST_PARTS, Upload, partBytes } = require('../../../engine/outputs/recording/upload')
const { eventually } = require('../../../test-support/eventually')
const { LEAST_PART_BYTES, S3Bucket, S3Refusal } = require('../../../test-support/s3/bucket')

const PLACE = { bucket: 'shows', key: 'ab12cd34/encoder.mp4' }
const TAIL = `${PLACE.key}.tail/`
const MEGABYTE = 1_000_000
const [SLOW, PLENTY] = [500_000, 1e9]

let folder, bucket, spool, upload, ended, made
/** Waits pass at once. */
const time = { setTimeout: (action) => setImmediate(action) }

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'upload-'))
  bucket = new S3Bucket('shows')
  made = { offset: 0, crc32: 0, bytes: [] }
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

async function begin (more = {}) {
  spool = new Spool(folder, PLENTY, 0)
  await spool.open()
  upload = new Upload(PLACE, spool, { s3: bucket, time, bitRate: SLOW, ...more })
  ended = upload.run()
  ended.catch(() => {})
}

/** A piece of so many bytes, each of which can be told apart. */
async function record (bytes) {
  const piece = Buffer.alloc(bytes, made.bytes.length + 1)
  made.crc32 = zlib.crc32(piece, made.crc32)
  await spool.add(piece, { offset: made.offset, frames: 50 * (made.bytes.length + 1), milliseconds: 2000 * (made.bytes.length + 1), crc32: made.crc32.toString(16).padStart(8, '0') })
  made.offset += bytes
  made.bytes.push(piece)
  upload.more()
}

const whole = () => Buffer.concat(made.bytes)
const tail = () => [...bucket.objects.keys()].filter((key) => key.startsWith(TAIL)).sort()
const isSafe = () => eventually('all is safe in S3', () => {
  const inParts = [...bucket.uploads.values()].flatMap(({ parts }) => [...parts.values()]).reduce((sum, { body }) => sum + body.length, 0)
  return inParts + tail().reduce((sum, key) => sum + bucket.objects.get(key).length, 0) === made.offset
})

describe('what is recorded is safe in S3 before it makes a part', () => {
  it('each piece beside the upload, until a part holds it; at the end the object, and nothing beside it', async () => {
    await begin()
    for (let number = 1; number <= 5; number++) {
      await record(MEGABYTE)
      await isSafe()
      assert.equal(tail().length, number)
    }
    await record(MEGABYTE)
    await eventually('a part', () => upload.confirmedBytes === 6 * MEGABYTE)
    await eventually('and no tail', () => tail().length === 0)
    assert.deepEqual(fs.readdirSync(folder), [])
    await record(MEGABYTE)
    await isSafe()
    upload.finish()
    const { bytes, parts, last } = await ended
    assert.deepEqual([bytes, parts, last.frames], [7 * MEGABYTE, 2, 350])
    assert.ok(bucket.objects.get(PLACE.key).equals(whole()))
    assert.deepEqual([[...bucket.objects.keys()], bucket.uploads.size], [[PLACE.key], 0])
  })

  it('a piece is named by where it lies and by what the file has up to its end', async () => {
    await begin()
    await record(10)
    await record(20)
    await isSafe()
    const [first, second] = tail().map((key) => key.slice(TAIL.length))
    assert.equal(first, `000000000000000-50-2000-${zlib.crc32(made.bytes[0]).toString(16).padStart(8, '0')}.piece`)
    assert.equal(second, `000000000000010-100-4000-${zlib.crc32(whole()).toString(16).padStart(8, '0')}.piece`)
  })

  it('large pieces go into parts at once', async () => {
    await begin()
    await record(6 * MEGABYTE)
    await eventually('a part', () => upload.confirmedBytes === 6 * MEGABYTE)
    assert.ok(!bucket.calls.includes('PutObject'))
  })

  it('nothing recorded, nothing made', async () => {
    await begin()
    upload.finish()
    assert.equal(await ended, null)
    assert.deepEqual(bucket.calls, [])
  })
})

describe('a bucket that refuses', () => {
  for (const code of ['NoSuchBucket', 'AccessDenied', 'SlowDown', 'InternalError', 'KMS.DisabledException']) {
    it(`${code}: it is said, and nothing is lost`, async () => {
      let isRefusing = true
      bucket.refuse = () => { if (isRefusing) throw new S3Refusal(code) }
      await begin()
      for (let number = 1; number <= 8; number++) await record(MEGABYTE)
      await eventually('it is said', () => upload.trouble !== null)
      assert.match(upload.trouble, /shows/)
      assert.match(upload.trouble, { NoSuchBucket: /^BucketMissing.*Make it/, AccessDenied: /^BucketForbidden.*--media-buckets shows/, 'KMS.DisabledException': /^KeyUnusable/ }[code] ?? /^S3Unreachable/)
      isRefusing = false
      upload.finish()
      await ended
      assert.equal(upload.trouble, null)
      assert.ok(bucket.objects.get(PLACE.key).equals(whole()))
    })
  }

  for (const lost of ['CreateMultipartUpload', 'UploadPart', 'PutObject', 'DeleteObjects', 'ListObjectsV2', 'CompleteMultipartUpload']) {
    it(`an answer of ${lost} that gets lost`, async () => {
      let left = 2
      bucket.lose = (call) => { if (call === lost && left-- > 0) throw new S3Refusal('TimeoutError') }
      await begin()
      for (let number = 1; number <= 8; number++) await record(MEGABYTE)
      upload.finish()
      await ended
      assert.ok(bucket.objects.get(PLACE.key).equals(whole()))
    })
  }

  it('an upload that somebody has ended is gone: it is said, and nothing is sent for ever', async () => {
    await begin()
    await record(MEGABYTE)
    await isSafe()
    bucket.uploads.clear()
    upload.finish()
    await assert.rejects(ended, { name: 'UploadGone', message: /s3:\/\/shows\/ab12cd34\/encoder.mp4/ })
  })

  it('what S3 has must be what was recorded', async () => {
    await begin()
    await record(MEGABYTE)
    await record(MEGABYTE)
    await isSafe()
    const [, second] = fs.readdirSync(folder).sort()
    fs.writeFileSync(path.join(folder, second), Buffer.alloc(MEGABYTE, 99))
    upload.finish()
    await eventually('it is refused', () => /BadDigest/.test(upload.trouble))
    assert.ok(!bucket.objects.has(PLACE.key))
    bucket.uploads.clear() // end it
    await assert.rejects(ended)
  })
})

describe('another process goes on with what one before it has begun', () => {
  for (const sent of [0, 1, 3]) {
    it(`${sent} parts were sent, one piece in a part is still on disk, others nowhere else`, async () => {
      let uploadId
      await begin({ onBegin: async (id) => { uploadId = id } })
      for (let number = 0; number < sent; number++) {
        await record(6 * MEGABYTE)
        await eventually('a part', () => upload.confirmedBytes === made.offset)
      }
      await record(MEGABYTE)
      await isSafe()
      if (sent > 0) fs.writeFileSync(path.join(folder, '000000000000000-50-2000-00000000.piece'), made.bytes[0])
      bucket.refuse = () => { throw new S3Refusal('TimeoutError') }
      for (let number = 0; number < 3; number++) await record(MEGABYTE)
      bucket.refuse = () => {}
      const before = bucket.calls.length
      await begin({ uploadId })
      upload.finish()
      const { bytes, last } = await ended
      assert.deepEqual([bytes, last.frames], [made.offset, 50 * made.bytes.length])
      assert.ok(bucket.objects.get(PLACE.key).equals(whole()))
      assert.equal(bucket.calls.slice(before).filter((call) => call === 'UploadPart').length, 1, 'no part twice')
    })
  }
})

describe('parts', () => {
  it('a day at any bit rate is fewer than S3 allows, each large enough', () => {
    for (const bitRate of [100_000, 500_000, 5_000_000, 20_000_000, 100_000_000]) {
      let [left, number] = [86_400 * bitRate / 8, 0]
      while (left > 0) left -= partBytes(++number, bitRate)
      assert.ok(number <= 8640, `${number} parts at ${bitRate} bit/s`)
      assert.ok(partBytes(1, bitRate) >= LEAST_PART_BYTES)
    }
    let [seconds, number] = [0, 0]
    while (number < MOST_PARTS) seconds += partBytes(++number, 100_000_000) * 8 / 100_000_000
    assert.ok(seconds > 2 * 86_400, 'and two days are no trouble')
  })

  it('a day is simulated: as many parts and calls as that, and nothing is kept in memory', async () => {
    const [bitRate, seconds] = [5_000_000, 86_400]
    const counted = { bytes: 0, parts: 0, pieces: 0, inTail: 0, most: 0 }
    // Whole pieces are too many bytes for a test: each stands for its own.
    const s3 = {
      async send ({ constructor, input }) {
        const call = constructor.name.replace('Command', '')
        if (call === 'CreateMultipartUpload') return { UploadId: 'day' }
        if (call === 'UploadPart') counted.parts = input.PartNumber
        if (call === 'PutObject') counted.most = Math.max(counted.most, ++counted.inTail)
        if (call === 'PutObject') counted.pieces += 1
        if (call === 'DeleteObjects') counted.inTail -= input.Delete.Objects.length
        return {}
      }
    }
    const pieces = []
    const day = {
      pieces,
      read: async (some) => { counted.bytes += some.length; return Buffer.alloc(0) },
      remove: async (some) => { pieces.splice(0, some.length) }
    }
    const sent = new Upload(PLACE, day, { s3, time, bitRate })
    const whole = sent.run()
    const pieceBytes = 2 * bitRate / 8
    for (let number = 0; number < seconds / 2; number++) {
      pieces.push({ name: `${number}`, offset: number * pieceBytes, bytes: pieceBytes, crc32: '00000000' })
      sent.more()
      await new Promise((resolve) => setImmediate(resolve))
      if (pieces.length > 10) await eventually('it keeps up', () => pieces.length < 10)
    }
    sent.finish()
    const { bytes, parts } = await whole
    assert.deepEqual([bytes, parts, counted.parts], [seconds * bitRate / 8, seconds / 10, seconds / 10])
    assert.ok(counted.pieces <= seconds / 2, `${counted.pieces} pieces put`)
    assert.ok(counted.most <= 10 && counted.inTail === 0, `${counted.most} pieces beside it at a time, ${counted.inTail} at the end`)
    assert.equal(pieces.length, 0)
  })
})
