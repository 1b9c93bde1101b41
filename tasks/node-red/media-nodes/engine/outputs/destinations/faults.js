'use strict'

/** A destination gives no answer. */
class DestinationUnreachable extends Error {
  constructor (text) {
    super(`DestinationUnreachable: ${text}. See its address, and whether this deployment may call there (--destination-cidr). It is tried again.`)
    this.name = 'DestinationUnreachable'
  }
}

/** A destination answers, and does not take the stream. */
class DestinationRefused extends Error {
  constructor (text) {
    super(`DestinationRefused: ${text}. It is tried again.`)
    this.name = 'DestinationRefused'
  }
}

module.exports = { DestinationRefused, DestinationUnreachable }
