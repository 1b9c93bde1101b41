'use strict'

/** Something about a flow of media nodes is wrong; the message says what and what to do. Nothing runs until it is right. */
class FlowFault extends Error {
  constructor (message) {
    super(message)
    this.name = this.constructor.name
  }
}

/** A node's property has a value that cannot be used. */
class WrongValue extends FlowFault {}
/** A source, link-in or mixer has nobody to give pictures to, or an encoder has no output. */
class NoOutput extends FlowFault {}
/** A mixer, encoder or output gets no pictures. */
class NoSource extends FlowFault {}
/** A wire leads to something that does not take pictures, or pictures come from more than one side. */
class WrongWire extends FlowFault {}
/** The wires go round in a circle. */
class Cycle extends FlowFault {}
/** Two sources on one bus of the mixer. */
class BusConflict extends FlowFault {}
/** A node names no media-format, or one that is not there. */
class MissingFormat extends FlowFault {}
/** A link, or a source that waits for its sender, without its passphrase or stream key: nobody else may send. */
class MissingPassphrase extends FlowFault {}

module.exports = { FlowFault, WrongValue, NoOutput, NoSource, WrongWire, Cycle, BusConflict, MissingFormat, MissingPassphrase }
