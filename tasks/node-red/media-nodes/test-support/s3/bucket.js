'use strict'

const zlib = require('node:zlib')

const LEAST_PART_BYTES = 5 * 1024 * 1024
const MOST_PARTS = 10_000

class S3Refusal extends Error {
  constructor (code) {
    super(code)
    this.name = code
    this.Code = code
  }
}

const base64 = (crc32) => Buffer.from(crc32.toString(16).padStart(8, '0'), 'hex').toString('base64')

/**
 * A bucket of S3 behind the SDK's commands, as strict as the real one about multipart uploads:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
class S3Bucket {
  objects = new Map()
  uploads = new Map()
  calls = []
  /** Throws for a call that is to fail; after `lose` it has been carried out. */
  refuse = () => {}
  lose = () => {}
  #made = 0
  #name

  constructor (name) {
    this.#name = name
  }

  async send (command) {
    const call = command.constructor.name.replace('Command', '')
    const input = command.input
    this.calls.push(call)
    this.refuse(call, input)
    if (input.Bucket !== this.#name) throw new S3Refusal('NoSuchBucket')
    const answer = this[call](input)
    this.lose(call, input)
    return answer
  }

  PutObject ({ Key, Body }) {
    this.objects.set(Key, Buffer.from(Body))
    return {}
  }

  HeadObject ({ Key }) {
    if (!this.objects.has(Key)) throw new S3Refusal('NotFound')
    return { ContentLength: this.objects.get(Key).length, ETag: '"object"' }
  }

  DeleteObjects ({ Delete: { Objects } }) {
    if (Objects.length === 0 || Objects.length > 1000) throw new S3Refusal('MalformedXML')
    for (const { Key } of Objects) this.objects.delete(Key)
    return {}
  }

  ListObjectsV2 ({ Prefix }) {
    const found = [...this.objects.keys()].filter((key) => key.startsWith(Prefix)).sort().slice(0, 1000)
    return found.length > 0 ? { Contents: found.map((Key) => ({ Key, Size: this.objects.get(Key).length })) } : {}
  }

  CreateMultipartUpload ({ Key, ChecksumAlgorithm, ChecksumType }) {
    const UploadId = `upload-${++this.#made}`
    this.uploads.set(UploadId, { key: Key, algorithm: ChecksumAlgorithm, type: ChecksumType, parts: new Map() })
    return { UploadId }
  }

  UploadPart ({ Key, UploadId, PartNumber, Body, ChecksumAlgorithm }) {
    const upload = this.#upload(Key, UploadId)
    if (!(PartNumber >= 1 && PartNumber <= MOST_PARTS)) throw new S3Refusal('InvalidArgument')
    if (ChecksumAlgorithm !== upload.algorithm) throw new S3Refusal('InvalidRequest')
    const part = { body: Buffer.from(Body), ETag: `"part-${PartNumber}"`, ChecksumCRC32: base64(zlib.crc32(Body)) }
    upload.parts.set(PartNumber, part)
    return { ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 }
  }

  /** Two a page, where S3 has a thousand. */
  ListParts ({ Key, UploadId, PartNumberMarker = 0 }) {
    const { parts } = this.#upload(Key, UploadId)
    const after = [...parts].filter(([number]) => number > Number(PartNumberMarker)).sort(([a], [b]) => a - b)
    const page = after.slice(0, 2)
    return {
      ...(page.length > 0 && { Parts: page.map(([PartNumber, { body, ETag, ChecksumCRC32 }]) => ({ PartNumber, Size: body.length, ETag, ChecksumCRC32 })) }),
      IsTruncated: after.length > 2,
      NextPartNumberMarker: page.length > 0 ? String(page.at(-1)[0]) : undefined
    }
  }

  CompleteMultipartUpload ({ Key, UploadId, MultipartUpload: { Parts }, ChecksumCRC32 }) {
    const { parts } = this.#upload(Key, UploadId)
    if (Parts.length === 0) throw new S3Refusal('MalformedXML')
    const numbers = Parts.map(({ PartNumber }) => PartNumber)
    if (numbers.some((number, index) => index > 0 && number <= numbers[index - 1])) throw new S3Refusal('InvalidPartOrder')
    const bodies = Parts.map(({ PartNumber, ETag }) => {
      const part = parts.get(PartNumber)
      if (!part || part.ETag !== ETag) throw new S3Refusal('InvalidPart')
      return part.body
    })
    if (bodies.slice(0, -1).some(({ length }) => length < LEAST_PART_BYTES)) throw new S3Refusal('EntityTooSmall')
    const whole = Buffer.concat(bodies)
    if (ChecksumCRC32 && ChecksumCRC32 !== base64(zlib.crc32(whole))) throw new S3Refusal('BadDigest')
    this.objects.set(Key, whole)
    this.uploads.delete(UploadId)
    return { ETag: '"object"' }
  }

  AbortMultipartUpload ({ Key, UploadId }) {
    this.#upload(Key, UploadId)
    this.uploads.delete(UploadId)
    return {}
  }

  #upload (key, id) {
    const upload = this.uploads.get(id)
    if (!upload || upload.key !== key) throw new S3Refusal('NoSuchUpload')
    return upload
  }
}

module.exports = { LEAST_PART_BYTES, S3Bucket, S3Refusal }
