'use strict'

const { Grain, valve, makeCable, findCables } = require('node-red-contrib-dynamorse-core')

/**
 * Registers a type of node that makes pictures of pictures, as node-red-contrib-dynamorse-ffmpeg 0.1.17 does
 * (lines of nodes/valveCommon.js): the constructor reads logging.console.level (24); the first picture looks for its
 * cable, and what goes wrong then is every later picture's error (110).
 *
 * @param {(config: object) => {setInfo: Function, process: Function, close: Function}} makeCodec `setInfo(tags)` gives
 *   the tags of what comes out; `process(bytes, done)` calls `done(error, bytes?)`
 */
module.exports = function registerValve (RED, type, makeCodec) {
  RED.nodes.registerType(type, function (config) {
    RED.nodes.createNode(this, config)
    RED.settings.logging.console.level.toString()
    neverEnd()
    const codec = makeCodec(config)
    let ready = null
    valve(this, config, (grain, push, next) => {
      if (!Grain.isGrain(grain)) return next()
      ready = ready || findCables(RED, this).then(([cable]) => makeCable(this, codec.setInfo(cable.tags, grain)))
      ready.then((flowId) => codec.process(grain.buffers[0], (error, bytes) => {
        if (error) this.error(error.message)
        else if (bytes) push(new Grain([bytes], grain.time, flowId, grain.duration))
        next()
      })).catch((error) => {
        this.error(error.message)
        next()
      })
    })
    this.on('close', () => codec.close())
  })
}

let isEndless = false

/**
 * codecadon 0.1.18, src/MyWorker.h: each codec holds a thread of libuv's pool, which waits for work for ever; so the
 * process does not end any more, whatever calls process.exit.
 */
function neverEnd () {
  if (isEndless) return
  isEndless = true
  process.on('exit', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
}
