'use strict'

const os = require('node:os')
const { sourceNames } = require('../chain-definition')
const { linkOf } = require('../chain-engine')
const { isWell } = require('./output-watch')

/** One chain as `GET /production/metrics` shows it. */
function chainMetrics (runner) {
  return {
    chain: runner.chain.name,
    state: runner.state,
    pid: runner.pid,
    restarts: runner.restarts,
    ...figuresOf(runner),
    startedAt: runner.startedAt,
    updatedAt: runner.updatedAt,
    lastError: runner.lastError,
    sources: sourcesOf(runner),
    outputs: outputsOf(runner),
    loudness: runner.engine?.loudness ?? null,
    faults: runner.chain.faults.map(({ message }) => message)
  }
}

/** Each source's name, state, and what is wrong with it. */
function sourcesOf ({ engine }) {
  return Object.entries(engine?.sources ?? {}).map(([name, { state, lastError, repeatedFrames, skippedFrames, absentFrames }]) =>
    ({ name, state, lastError, repeatedFrames, skippedFrames, absentFrames }))
}

/** Every output of a chain, also of its sources by themselves, as the engine tells of it. */
function everyOutput ({ engine }) {
  return [...(engine?.encoders ?? []), ...(engine?.sourceEncoders ?? [])].flatMap((encoder) => encoder.outputs)
}

/** Each output's name, kind, state, what is wrong with it, how far it is, and what its process tells of itself. */
function outputsOf (runner) {
  return everyOutput(runner).map((output) => {
    const { name, kind, told } = output
    return { name, kind, ...outputFigures(output), told }
  })
}

/** How an output is: its state, how far it is behind (ms), bytes that have arrived and that it left out; null where nothing is known. */
function outputFigures (output) {
  const { state, lastError, restarts, missedBytes, queuedSeconds, told } = output
  const behindSeconds = told?.behindSeconds ?? queuedSeconds
  const behindMs = behindSeconds === null ? null : Math.round(behindSeconds * 1000)
  return { state, isWell: isWell(output), behindMs, sentBytes: told?.sentBytes ?? told?.bytes ?? null, missedBytes, restarts, lastError }
}

/** One chain as a document for the logs: `{"media": {…}}`, sent each second. */
function chainDocument (runner, { instanceName, productionId }, now) {
  return {
    media: {
      host: os.hostname(),
      instanceName,
      productionId,
      chain: runner.chain.name,
      state: runner.state,
      ...figuresOf(runner),
      restarts: runner.restarts,
      timestamp: new Date(now).toISOString()
    }
  }
}

/** Each output of a chain as a document for the logs: `{"mediaOutput": {…}}`. */
function outputDocuments (runner, { instanceName, productionId }, now) {
  return everyOutput(runner).map((output) => ({
    mediaOutput: {
      host: os.hostname(),
      instanceName,
      productionId,
      chain: runner.chain.name,
      output: output.name,
      kind: output.kind,
      ...outputFigures(output),
      timestamp: new Date(now).toISOString()
    }
  }))
}

/** What this Node-RED weighs as a document for the logs: `{"nodeJS": {…}}`, in bytes, as dynamorse's logger has it. */
function processDocument ({ instanceName, productionId }, now) {
  const { rss, heapTotal, heapUsed } = process.memoryUsage()
  return {
    nodeJS: {
      host: os.hostname(), pid: process.pid, rss, heapTotal, heapUsed, instanceName, productionId, timestamp: new Date(now).toISOString()
    }
  }
}

/** Counts and rates, what the link takes (ms, from picture to picture), and how loud the programme is (LUFS, dBTP); null where nothing is known. */
function figuresOf ({ figures, engine }) {
  const { integrated = null, truePeak = null } = engine?.loudness ?? {}
  return { ...figures, linkLatencyMs: linkOf(engine?.sources ?? {})?.latencyMs ?? null, integratedLufs: integrated, truePeakDbtp: truePeak }
}

const LOOKS = {
  starting: { fill: 'yellow', shape: 'ring' },
  running: { fill: 'green', shape: 'dot' },
  waiting: { fill: 'yellow', shape: 'dot' },
  stopped: { fill: 'grey', shape: 'ring' }
}
const SOURCE_LOOKS = {
  live: { fill: 'green', shape: 'dot' },
  hold: { fill: 'yellow', shape: 'dot' },
  black: { fill: 'red', shape: 'dot' },
  slate: { fill: 'red', shape: 'dot' }
}

/** What the editor shows under a node of a chain: a source its own state, every other part the chain's. */
function nodeStatus (runner, part) {
  if (runner.chain.faults.length > 0) return { fill: 'red', shape: 'ring', text: runner.chain.faults[0].message }
  const source = runner.engine?.sources[sourceNames(runner.chain).get(part.id)]
  if (source) return { ...SOURCE_LOOKS[source.state], text: source.lastError && source.state !== 'live' ? source.lastError : source.state }
  const { frameRate, bitRate } = runner.figures
  const running = frameRate === null ? 'running' : `${frameRate.toFixed(2)} frames/s, ${(bitRate / 1e6).toFixed(1)} Mbit/s`
  return { ...LOOKS[runner.state], text: runner.state === 'running' ? running : runner.state }
}

module.exports = { chainMetrics, chainDocument, everyOutput, outputDocuments, processDocument, nodeStatus }
