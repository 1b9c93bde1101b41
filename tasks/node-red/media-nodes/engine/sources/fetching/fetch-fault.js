'use strict'

/** A source that is fetched cannot be had: `reason` names why, the message says what happened and what to do. */
class FetchFault extends Error {
  /**
   * @param {string} reason
   * @param {string} text
   * @param {number} status of the answer to FFmpeg
   */
  constructor (reason, text, status = 502) {
    super(`${reason}: ${text}`)
    this.name = 'FetchFault'
    this.reason = reason
    this.status = status
  }
}

/** What an answer of a web server or of S3 means; null for one that has what was asked for. */
function faultOfStatus (status, place) {
  if (status < 300) return null
  if (status === 404 || status === 410) {
    return new FetchFault('SourceMissing', `${place} has no such thing (${status}). Put it there, or name another.`, 404)
  }
  if (status === 401 || status === 403) {
    return new FetchFault('SourceForbidden', `${place} does not give it (${status}). Give the right to read it, or renew the address.`, 403)
  }
  if (status === 416) return new FetchFault('SourceTruncated', `${place} has less than was asked for (416). Send the whole file again.`, 416)
  if (status === 429 || status === 503) return new FetchFault('SourceBusy', `${place} has too much to do (${status}). It is asked again.`, 503)
  return new FetchFault('SourceFailed', `${place} answered ${status}. See what is wrong there.`)
}

module.exports = { FetchFault, faultOfStatus }
