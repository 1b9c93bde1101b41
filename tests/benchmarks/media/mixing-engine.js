'use strict'

const { KeptEngines } = require('../../../tasks/node-red/media-nodes/test-support/kept-engines')
const { cpuSeconds } = require('./cpu')

/** The project's engine: two SRT sources, mixed, encoded for the link. */
class MixingEngine {
  #engines = new KeptEngines()
  #state = null

  async start ({ production, ports, linkPort, encoder }) {
    await this.#engines.start('bench', {
      name: 'bench', format: production, fader: 1, fades: [], beginsWithSource: false,
      sources: ports.map((port, index) => ({ name: `source ${index + 1}`, kind: 'srt', mode: 'listener', address: '127.0.0.1', port, latencyMs: 120 })),
      encoders: [{ ...encoder, outputs: [{ name: 'link', kind: 'srt', mode: 'listener', address: '127.0.0.1', port: linkPort, latencyMs: 120 }] }]
    })
  }

  async look () {
    this.#state = await this.#engines.command('bench', { command: 'state' })
  }

  /** Stand in the midst of a mix. */
  mixing () {
    return this.#engines.command('bench', { command: 'position', position: 0.5 })
  }

  get cpu () {
    const { pid, sources: { 'source 1': one, 'source 2': two }, encoders: [encoder] } = this.#state
    const pids = { engine: pid, 'ingest 1': one.pid, 'ingest 2': two.pid, 'receiver 1': one.received.pid, 'receiver 2': two.received.pid, encoder: encoder.pid, link: encoder.outputs[0].pid }
    return Object.fromEntries(Object.entries(pids).map(([name, process]) => [name, cpuSeconds(process)]))
  }

  get figures () {
    const { missedFrames, sources, encoders: [{ frames, droppedFrames }] } = this.#state
    // Every tick on which a source had no new picture, whatever was shown in its place.
    const repeated = Object.values(sources).reduce((sum, { absentFrames }) => sum + absentFrames, 0)
    return { frames, dropped: droppedFrames + missedFrames, repeated }
  }

  get isLive () {
    return Object.values(this.#state?.sources ?? {}).every(({ state }) => state === 'live')
  }

  end () {
    return this.#engines.end()
  }
}

module.exports = { MixingEngine }
