'use strict'

const { DescriptionRefused, readDescription } = require('../engine/sources/rtp/session-description')
const values = require('../resources/media-values')
const { WrongValue, MissingFormat, MissingPassphrase } = require('./faults')

const NEEDS_FORMAT = new Set(['media-source', 'media-mixer', 'media-link-in'])
const NEEDS_PASSPHRASE = new Set(['media-link-out', 'media-link-in'])
const AS_GIVEN = new Set([
  'kind', 'pattern', 'colour', 'location', 'versionId', 'mode', 'address', 'streamId', 'passphraseSecret', 'sdp', 'crop', 'codec', 'preset', 'renditions', 'title', 'fileName', 'publish', 'url', 'keySecret', 'fades', 'detect', 'slate'
])
/** An SDP may hold a key, though none is used. */
const HIDDEN = new Set(['sdp'])

/** The name by which people know a node: what they called it, else its type. */
function nameOf (config) {
  return config.name || config.type
}

/** Read the properties of `config` that the rules of its type know, or what they are at first; what is wrong is added to `faults`. */
function readValues (config, faults) {
  const read = {}
  for (const property of Object.keys(values.rules[config.type])) {
    const given = config[property] ?? values.initial(config.type, property)
    const wrong = values.fault(config.type, property, given, config)
    const shown = HIDDEN.has(property) ? '' : `, not ${JSON.stringify(given)}`
    if (wrong) faults.push(new WrongValue(`${nameOf(config)}: ${property} ${wrong}${shown}`))
    read[property] = AS_GIVEN.has(property) ? given : Number(given)
  }
  return read
}

/** What a source's sender has to know, or the far end: a listener is never without, so that nobody else can send. */
function readSecrets (part, { passphrase, streamKey }) {
  if (part.kind === 'rtmp') {
    const wrong = values.streamKey(streamKey)
    if (wrong) part.faults.push(new MissingPassphrase(`${part.name}: the stream key ${wrong}`))
    part.streamKey = streamKey
  } else if (part.kind === 'srt') {
    const isOpen = values.isCaller(part) && !passphrase
    const wrong = isOpen ? null : values.passphrase(passphrase)
    if (wrong) part.faults.push(new MissingPassphrase(`${part.name}: the passphrase ${wrong}`))
    if (!isOpen) part.passphrase = passphrase
  }
}

/** What no rule of the editor's sees: whether a session description's streams can be received. */
function checkDescription ({ name, kind, sdp, faults }) {
  if (kind !== 'rtp' || !sdp || faults.length > 0) return
  try {
    readDescription(sdp)
  } catch (error) {
    if (!(error instanceof DescriptionRefused)) throw error
    faults.push(new WrongValue(`${name}: ${error.message}`))
  }
}

/**
 * The part a Node-RED node plays in a chain, as plain data.
 *
 * @param {object} config the node's properties as in the flow
 * @param {object} [beside] what is not in the flow's text: `format` ({width, height (pixels), frameRate (frames/s)}
 *   of the media-format node, or its faults), `passphrase`, `streamKey`
 * @returns {{id, type, name, wires: string[], faults: Error[]}} with the properties of its type
 */
function readPart (config, beside = {}) {
  const faults = []
  const part = { id: config.id, type: config.type, name: nameOf(config), wires: (config.wires ?? []).flat(), ...readValues(config, faults) }
  if (NEEDS_FORMAT.has(config.type)) {
    if (!beside.format) faults.push(new MissingFormat(`${part.name}: choose a media-format for it`))
    else if (beside.format.faults.length > 0) faults.push(...beside.format.faults)
    else part.format = beside.format.values
  }
  if (NEEDS_PASSPHRASE.has(config.type)) {
    const wrong = values.passphrase(beside.passphrase)
    if (wrong) faults.push(new MissingPassphrase(`${part.name}: the passphrase ${wrong}`))
    part.passphrase = beside.passphrase
  }
  part.faults = faults
  if (config.type === 'media-source') {
    part.looped = config.looped !== false
    readSecrets(part, beside)
    checkDescription(part)
  } else if (config.type === 'media-destination' && part.kind === 'srt') readSecrets(part, beside)
  return part
}

/** The values of a media-format node: `{values: {width, height, frameRate}, faults}`. */
function readFormat (config) {
  const faults = []
  return { values: readValues(config, faults), faults }
}

module.exports = { readPart, readFormat }
