'use strict'

const http = require('node:http')

const TIMEOUT_MS = 2000

/**
 * Sends documents to a log host by HTTP PUT, one at a time. A log host that is slow or gone never holds anything up:
 * documents that cannot be sent meanwhile are dropped, and it is said once that it is gone and once that it is back.
 */
class LogDocuments {
  #target
  #say
  #sending = false
  #reachable = true
  droppedDocuments = 0

  /**
   * @param {{hostname: string, port: number}} target
   * @param {(text: string) => void} say told when the log host goes and comes back
   */
  constructor (target, say) {
    this.#target = target
    this.#say = say
  }

  /** Send `documents`, one after the other, or drop them while the last ones are under way. */
  async send (documents) {
    if (this.#sending) {
      this.droppedDocuments += documents.length
      return
    }
    this.#sending = true
    for (const document of documents) await this.#put(JSON.stringify(document))
    this.#sending = false
  }

  #put (body) {
    return new Promise((resolve) => {
      const request = http.request({
        ...this.#target,
        method: 'PUT',
        path: '/media',
        timeout: TIMEOUT_MS,
        headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
      })
      request.on('response', (response) => {
        response.resume()
        response.on('error', (error) => this.#failed(error.message))
        response.on('close', resolve)
        if (response.statusCode < 300) this.#succeeded()
        else this.#failed(`it answered ${response.statusCode}`)
      })
      request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
      request.on('error', (error) => {
        this.#failed(error.message)
        resolve()
      })
      request.end(body)
    })
  }

  #failed (why) {
    this.droppedDocuments += 1
    if (this.#reachable) this.#say(`The log host ${this.#target.hostname}:${this.#target.port} takes no documents: ${why}`)
    this.#reachable = false
  }

  #succeeded () {
    if (!this.#reachable) this.#say(`The log host ${this.#target.hostname}:${this.#target.port} takes documents again`)
    this.#reachable = true
  }
}

/** The log host that the environment names, or null. */
function logTarget ({ LOG_HOSTNAME: hostname, LOG_PORT: port }) {
  const number = Number(port)
  return hostname && Number.isInteger(number) && number > 0 && number < 65536 ? { hostname, port: number } : null
}

module.exports = { LogDocuments, logTarget }
