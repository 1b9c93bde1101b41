'use strict'

/** Stands in for the supervisor and its engines where what they say must be chosen; notes what it is asked for. */
class RecordedEngines {
  started = []
  stopped = []
  commands = []
  running = new Map()
  #pid = 100

  async start (key, definition) {
    this.started.push({ key, definition })
    const before = this.running.get(key)
    const state = before ?? this.#stateOf(definition)
    state.sources = Object.fromEntries(definition.sources.map(({ name }) => [name, state.sources[name] ?? sourceState()]))
    this.running.set(key, state)
    return { pid: state.pid, restarts: 0 }
  }

  async stop (key) {
    this.stopped.push(key)
    this.running.delete(key)
  }

  async list () {
    return [...this.running].map(([key, { pid }]) => ({ key, pid, restarts: 0 }))
  }

  async command (key, command) {
    const state = this.running.get(key)
    if (!state) throw new Error('no such socket')
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

  #stateOf ({ encoders, fader = null }) {
    return {
      pid: this.#pid++,
      missedFrames: 0,
      fader,
      sources: {},
      encoders: encoders.map(({ name, outputs }) => ({
        name, pid: 1, restarts: 0, lastError: null, frames: 0, droppedFrames: 0, bits: 0,
        outputs: outputs.map((output) => ({ name: output.name, state: 'sending', pid: 1, restarts: 0, lastError: null, missedBytes: 0 }))
      })),
      loudness: { momentary: null, shortTerm: null, integrated: null, truePeak: null }
    }
  }
}

function sourceState () {
  return { state: 'live', ingest: 'arriving', pid: 1, restarts: 0, lastError: null, repeatedFrames: 0, skippedFrames: 0, absentFrames: 0 }
}

module.exports = { RecordedEngines }
