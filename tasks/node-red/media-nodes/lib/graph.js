'use strict'

const { FrameRate } = require('../engine/clock/frame-rate')
const { NoOutput, NoSource, WrongWire, WrongValue, Cycle, BusConflict } = require('./faults')

/** The types that a wire from a type may lead to. */
const LEADS_TO = {
  'media-source': ['media-mixer', 'media-encoder', 'media-link-out'],
  'media-link-in': ['media-encoder'],
  'media-mixer': ['media-encoder', 'media-link-out'],
  'media-encoder': ['media-hls-out', 'media-file-out', 'media-destination'],
  'media-link-out': [],
  'media-hls-out': [],
  'media-file-out': [],
  'media-destination': []
}
const BEGINS = new Set(['media-source', 'media-link-in'])
const ENDS = new Set(['media-link-out', 'media-hls-out', 'media-file-out', 'media-destination'])
/** Whose name a chain bears, best first. */
const NAMED_AFTER = ['media-mixer', 'media-encoder', 'media-link-out', 'media-link-in', 'media-source', 'media-hls-out', 'media-file-out', 'media-destination']

/** Wires between media nodes; wires to and from other nodes carry messages, not pictures. */
function pictureWires (parts) {
  const byId = new Map(parts.map((part) => [part.id, part]))
  return parts.flatMap((from) => from.wires.filter((id) => byId.has(id)).map((id) => ({ from, to: byId.get(id) })))
}

/** Sets of parts that hang together, in the order in which the parts were given. */
function connected (parts, wires) {
  const groupOf = new Map(parts.map((part) => [part, new Set([part])]))
  for (const { from, to } of wires) {
    const [a, b] = [groupOf.get(from), groupOf.get(to)]
    if (a === b) continue
    for (const part of b) groupOf.set(part, a.add(part))
  }
  return [...new Set(groupOf.values())].map((group) => parts.filter((part) => group.has(part)))
}

/** A circle of wires, as the parts on it, or null. */
function findCycle (parts, wires) {
  const waiting = new Map(parts.map((part) => [part, wires.filter(({ to }) => to === part).length]))
  const ready = parts.filter((part) => waiting.get(part) === 0)
  for (const part of ready) {
    for (const { to } of wires.filter(({ from }) => from === part)) {
      waiting.set(to, waiting.get(to) - 1)
      if (waiting.get(to) === 0) ready.push(to)
    }
  }
  const onCircle = parts.filter((part) => !ready.includes(part))
  return onCircle.length > 0 ? onCircle : null
}

function wireFaults (wires) {
  return wires
    .filter(({ from, to }) => !LEADS_TO[from.type].includes(to.type))
    .map(({ from, to }) => new WrongWire(`${from.name} cannot be wired to ${to.name}: ${from.type} gives nothing that ${to.type} takes`))
}

function partFaults (part, wires) {
  const inputs = wires.filter(({ to }) => to === part).map(({ from }) => from)
  const faults = [...part.faults]
  if (!BEGINS.has(part.type) && inputs.length === 0) {
    faults.push(new NoSource(`${part.name} gets no pictures: wire a source to it`))
  }
  if (!ENDS.has(part.type) && !wires.some(({ from }) => from === part)) {
    faults.push(new NoOutput(`${part.name} gives its pictures to nobody: wire it to an output`))
  }
  if (part.type === 'media-mixer') faults.push(...busFaults(part, inputs))
  else if (inputs.length > 1) {
    faults.push(new WrongWire(`${part.name} gets pictures from ${inputs.map(({ name }) => name).join(' and ')}: it takes one, use a mixer`))
  }
  return faults
}

/** Of a source that a mixer mixes, what is encoded by itself is recorded: the page and the link are the programme's. */
function besideMixerFaults (encoders) {
  return encoders.flatMap((encoder) => encoder.outputs.filter(({ type }) => type !== 'media-file-out').map((output) =>
    new WrongWire(`${output.name} cannot be wired to ${encoder.name}: that encodes ${encoder.source.name} beside the mixer, for recordings alone`)))
}

/** HLS cuts at key frames only. */
function keyFrameFaults ({ encoders, format }) {
  if (!format) return []
  return encoders.flatMap((encoder) => encoder.outputs.filter(({ type }) => type === 'media-hls-out').flatMap((output) => {
    const frames = new FrameRate(format.frameRate).framesOfSegment(output.segmentSeconds)
    if (!(frames % encoder.gopFrames > 0)) return []
    return [new WrongValue(`${encoder.name}: gopFrames must divide the ${frames} frames of a segment of ${output.name} ` +
      `(${output.segmentSeconds} s at ${format.frameRate} frames/s), not ${encoder.gopFrames}`)]
  }))
}

function busFaults (mixer, sources) {
  const faults = []
  for (const bus of new Set(sources.map((source) => source.bus))) {
    const names = sources.filter((source) => source.bus === bus).map(({ name }) => name)
    if (names.length > 1) {
      faults.push(new BusConflict(`${names.join(' and ')} are both on bus ${bus} of ${mixer.name}: give each source its own bus`))
    }
  }
  return faults
}

function headFaults (parts) {
  const mixers = parts.filter(({ type }) => type === 'media-mixer')
  const heads = mixers.length > 0 ? mixers : parts.filter(({ type }) => BEGINS.has(type))
  if (heads.length <= 1) return []
  return [new WrongWire(`${heads.map(({ name }) => name).join(' and ')} are in one chain: pictures may come from one of them only`)]
}

function describeChain (parts, wires) {
  const ofType = (type) => parts.filter((part) => part.type === type)
  const cycle = findCycle(parts, wires)
  const faults = [...wireFaults(wires), ...parts.flatMap((part) => partFaults(part, wires)), ...headFaults(parts)]
  if (cycle) faults.unshift(new Cycle(`${cycle.map(({ name }) => name).join(' → ')} go round in a circle: take one wire away`))
  const mixer = ofType('media-mixer')[0] ?? null
  const inputOf = (part) => wires.find(({ to }) => to === part)?.from
  const isBesideMixer = (encoder) => mixer !== null && inputOf(encoder)?.type === 'media-source'
  const outputsOf = (encoder) => wires.filter(({ from }) => from === encoder).map(({ to }) => to)
  const [ofSources, ofProgramme] = [isBesideMixer, (encoder) => !isBesideMixer(encoder)].map((which) => ofType('media-encoder').filter(which))
  const named = NAMED_AFTER.map((type) => ofType(type)[0]).find(Boolean)
  const chain = {
    name: named.name,
    parts,
    faults,
    mixer,
    sources: ofType('media-source').sort((a, b) => a.bus - b.bus),
    linkIn: ofType('media-link-in')[0] ?? null,
    linkOuts: ofType('media-link-out'),
    encoders: ofProgramme.map((encoder) => ({ ...encoder, outputs: outputsOf(encoder) })),
    sourceEncoders: ofSources.map((encoder) => ({ ...encoder, source: inputOf(encoder), outputs: outputsOf(encoder) })),
    format: (mixer ?? ofType('media-link-in')[0] ?? ofType('media-source')[0])?.format ?? null
  }
  faults.push(...keyFrameFaults(chain), ...besideMixerFaults(chain.sourceEncoders))
  return chain
}

/**
 * Find the chains of a flow: sets of media nodes that wires connect. Each becomes one engine. An encoder that a source is wired to beside its mixer
 * encodes that source by itself, and is one of the chain's `sourceEncoders`.
 *
 * @param {object[]} parts what `readPart` gives for each node
 * @returns {object[]} chains: name, parts by their job, and `faults` (empty when the chain can run)
 */
function findChains (parts) {
  const wires = pictureWires(parts)
  return connected(parts, wires).map((group) => {
    const inside = wires.filter(({ from }) => group.includes(from))
    return describeChain(group, inside)
  })
}

module.exports = { findChains }
