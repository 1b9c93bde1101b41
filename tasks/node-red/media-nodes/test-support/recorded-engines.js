'use strict'

const { isDeepStrictEqual } = require('node:util')
const { EngineRefused } = require('../lib/engines')

/** Stands in for the supervisor and its engines where what they say must be chosen; notes what it is asked for. */
class RecordedEngines {
  started = []
  stopped = []
  commands = []
  running = new Map()
  /** Refuses what it is asked for, as an engine does that does not answer in time. */
  isRefusing = false
  #pid = 100

  async start (key, definition) {
    this.#refuse()
    const before = this.#goesOn(key, definition) ? this.running.get(key) : undefined
    this.started.push({ key, definition })
    const state = before ?? this.#stateOf(definition)
    state.sources = Object.fromEntries(definition.sources.map(({ name, controlPort }) => [name, state.sources[name] ?? sourceState(controlPort)]))
    this.running.set(key, state)
    return { pid: state.pid, restarts: 0 }
  }

  async stop (key) {
    this.#refuse()
    this.stopped.push(key)
    this.running.delete(key)
  }

  async list () {
    return [...this.running].map(([key, { pid }]) => ({ key, pid, restarts: 0 }))
  }

  async command (key, command) {
    const state = this.running.get(key)
    if (!state) throw new EngineRefused('no such socket')
    if (command.command !== 'state') {
      this.commands.push({ key, ...command })
      if (command.command === 'fader') state.fader = command.fader
    }
    for (const encoder of state.encoders) {
      encoder.frames += 10
      encoder.bits += 100_000
    }
    return structuredClone(state)
  }

  /** The engine dies, and another takes its place. */
  restart (key) {
    const state = this.running.get(key)
    state.pid = this.#pid++
    for (const encoder of state.encoders) encoder.frames = encoder.bits = 0
  }

  #refuse () {
    if (this.isRefusing) throw new EngineRefused('no answer within 40 s')
  }

  /** An engine takes other sources and nothing else. */
  #goesOn (key, definition) {
    const before = this.started.findLast((started) => started.key === key)?.definition
    return isDeepStrictEqual({ ...before, sources: null }, { ...definition, sources: null })
  }

  #stateOf ({ encoders, sourceEncoders = [], fader = null }) {
    return {
      pid: this.#pid++,
      missedFrames: 0,
      fader,
      sources: {},
      encoders: encoders.map(({ name, outputs }) => ({
        name, pid: 1, restarts: 0, lastError: null, frames: 0, droppedFrames: 0, bits: 0,
        outputs: outputs.map(outputState)
      })),
      sourceEncoders: sourceEncoders.map(({ name, source, outputs }) => ({
        source, name, pid: 1, restarts: 0, lastError: null, frames: 0, droppedFrames: 0, bits: 0, outputs: outputs.map(outputState)
      })),
      loudness: { momentary: null, shortTerm: null, integrated: null, truePeak: -6.2 }
    }
  }
}

function outputState ({ name, kind, mode }) {
  return { name, kind, isCalled: mode === 'listener', state: 'sending', pid: 1, restarts: 0, lastError: null, missedBytes: 0, queuedSeconds: 0, told: null }
}

function sourceState (controlPort) {
  const link = controlPort && { latencyMs: null, received: { senders: 1, lostPackets: 0 } }
  return { ...link, state: 'live', ingest: 'arriving', pid: 1, restarts: 0, lastError: null, repeatedFrames: 0, skippedFrames: 0, absentFrames: 0 }
}

module.exports = { RecordedEngines }
