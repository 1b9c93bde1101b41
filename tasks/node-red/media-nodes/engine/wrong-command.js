'use strict'

/** A command cannot be carried out: the message says what was expected. */
class WrongCommand extends Error {
  constructor (message) {
    super(message)
    this.name = 'WrongCommand'
  }
}

module.exports = { WrongCommand }
