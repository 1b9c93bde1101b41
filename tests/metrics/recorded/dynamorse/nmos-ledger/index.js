'use strict'

/** Stands in for nmos-ledger, which npm cannot install: knows its names and registers nothing. */
class Thing {
  constructor (id) {
    this.id = id || `stand-in-${Math.random()}`
  }
}

class NodeAPI {
  init () {
    return this
  }

  start () {
    return this
  }

  putResource (resource) {
    return Promise.resolve(resource)
  }

  getResource () {
    return Promise.reject(new Error('There is none'))
  }
}

module.exports = {
  Node: Thing, NodeRAMStore: Thing, Device: Thing, Source: Thing, Flow: Thing, NodeAPI, deviceTypes: { generic: 'generic', pipeline: 'pipeline' }
}
