'use strict'

const { PutObjectCommand } = require('@aws-sdk/client-s3')
const { Backoff } = require('../../../lib/backoff')
const { s3Fault } = require('../storage/s3-faults')

/** Sends an outbox to S3, one after the other, so that no playlist is there before what it lists. What is refused is tried again, for ever. */
class Sender {
  /** What is wrong now, in words; null while all is well. */
  trouble = null
  /** Of what is in S3. */
  sentFiles = 0
  sentBytes = 0
  #outbox
  #s3
  #placeOf
  #time
  #onSent
  #backoff = new Backoff()
  #isFinishing = false
  #wake = () => {}

  /**
   * @param {Outbox} outbox
   * @param {(name: string) => object} placeOf where what has a name goes: `bucket`, `key`, `type`, `cacheControl`
   * @param {object} with `s3` (client), `time` (`setTimeout`), `onSent(name)` told of each
   */
  constructor (outbox, placeOf, { s3, time, onSent }) {
    this.#outbox = outbox
    this.#placeOf = placeOf
    this.#s3 = s3
    this.#time = time
    this.#onSent = onSent
  }

  /** There is more in the outbox. */
  more () {
    this.#wake()
  }

  /** No more comes: `run` resolves when everything is sent. */
  finish () {
    this.#isFinishing = true
    this.#wake()
  }

  /** Send, until told to finish. */
  async run () {
    for (;;) {
      const [oldest] = this.#outbox.waiting
      if (oldest) await this.#send(oldest)
      else if (this.#isFinishing) return
      else await new Promise((resolve) => { this.#wake = resolve })
    }
  }

  async #send (one) {
    const place = this.#placeOf(one.name)
    const body = await this.#outbox.read(one)
    // A process before this one, which has not quite ended, has sent it.
    if (body === null) return this.#outbox.remove(one)
    try {
      await this.#s3.send(new PutObjectCommand({
        Bucket: place.bucket, Key: place.key, Body: body, ContentType: place.type, CacheControl: place.cacheControl
      }))
    } catch (error) {
      this.trouble = s3Fault(error, place)
      await new Promise((resolve) => this.#time.setTimeout(resolve, this.#backoff.next() * 1000))
      return
    }
    this.trouble = null
    this.#backoff.reset()
    this.sentFiles += 1
    this.sentBytes += one.bytes
    await this.#outbox.remove(one)
    await this.#onSent(one.name)
  }
}

module.exports = { Sender }
