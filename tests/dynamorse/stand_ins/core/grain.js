'use strict'

/** A picture on its way: its bytes, its time (`seconds:nanoseconds`), the flow that it is of, its duration (`[1, 25]`, s). */
module.exports = class Grain {
  constructor (buffers, time, flowId, duration) {
    Object.assign(this, { buffers, time, flowId, duration })
  }

  /** By its constructor's name: Node-RED clones what goes down a second wire. */
  static isGrain (payload) {
    return Boolean(payload) && payload.constructor.name === 'Grain'
  }
}
