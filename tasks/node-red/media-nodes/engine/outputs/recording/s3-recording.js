'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { Spool } = require('./spool')
const { Upload } = require('./upload')

const BEGUN = 'upload.json'

/** One file of a recording on its way to S3: pieces go into a spool, an upload takes them from there. */
class S3Recording {
  #spool
  #folder
  #upload
  #ran

  /**
   * @param {string} folder of this file alone
   * @param {object} place `bucket`, `key`
   * @param {object} with `ringBytes`, `reserveBytes` (see Spool); `s3`, `time`, `bitRate`, `onBegin`, `onPart` (see Upload)
   */
  constructor (folder, place, { ringBytes, reserveBytes, onBegin, ...rest }) {
    const file = path.join(folder, BEGUN)
    const begun = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { uploadId: null }
    this.#folder = folder
    this.#spool = new Spool(folder, ringBytes, reserveBytes)
    this.#upload = new Upload(place, this.#spool, {
      ...rest,
      uploadId: begun.uploadId,
      onBegin: async (uploadId) => {
        fs.writeFileSync(file, JSON.stringify({ uploadId }))
        await onBegin(uploadId)
      }
    })
  }

  /** Begin to send, or go on. */
  async open () {
    await this.#spool.open()
    this.#ran = this.#upload.run()
    this.#ran.catch(() => {}) // `ended` tells
  }

  /** See Spool. */
  async add (bytes, counts) {
    await this.#spool.add(bytes, counts)
    this.#upload.more()
  }

  /** Bytes that wait, and that are in parts; how much of the file (s) is in S3; what is wrong. */
  get figures () {
    const { confirmedBytes: sentBytes, safeMilliseconds, trouble } = this.#upload
    return { waitingBytes: this.#spool.bytes, sentBytes, safeSeconds: safeMilliseconds / 1000, trouble }
  }

  /** Settles when the upload has ended, as `Upload.run` does. */
  get ended () {
    return this.#ran
  }

  /** Send what waits, and complete the object. */
  async finish () {
    this.#upload.finish()
    const object = await this.#ran
    fs.rmSync(this.#folder, { recursive: true, force: true })
    return object
  }
}

module.exports = { S3Recording }
