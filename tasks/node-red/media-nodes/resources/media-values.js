'use strict'

/**
 * What the properties of the media nodes may be: the one definition for the editor's forms and for the runtime.
 * Each rule takes a value (and the node's other properties) and gives null, or says what would be right.
 */
;(function (publish) {
  function number (least, most, unit) {
    return (value) => {
      const given = value === '' || value === null ? NaN : Number(value)
      return given >= least && given <= most ? null : `must be a number from ${least} to ${most}${unit ? ' ' + unit : ''}`
    }
  }

  function whole (least, most, unit) {
    return (value) => {
      const given = value === '' || value === null ? NaN : Number(value)
      return Number.isInteger(given) && given >= least && given <= most
        ? null
        : `must be a whole number from ${least} to ${most}${unit ? ' ' + unit : ''}`
    }
  }

  function even (least, most, unit) {
    const inRange = whole(least, most, unit)
    return (value) => inRange(value) === null && Number(value) % 2 === 0 ? null : `must be an even number from ${least} to ${most} ${unit}`
  }

  function oneOf (...allowed) {
    return (value) => allowed.includes(value) ? null : `must be one of ${allowed.join(', ')}`
  }

  function text (pattern, expected) {
    return (value) => typeof value === 'string' && pattern.test(value) ? null : `must be ${expected}`
  }

  function location (value, node) {
    if (node.kind === 'file') return text(/^\/[^\0]+$/, 'the absolute path of a file')(value)
    if (node.kind === 'url') return text(/^https?:\/\/[^\s]+$/, 'an http:// or https:// URL')(value)
    return null
  }

  const faderPosition = number(0, 1)
  const fadeSeconds = number(0, 3600, 's')

  function fades (value) {
    if (!Array.isArray(value)) return 'must be a list of fades'
    for (const fade of value) {
      const wrong = number(0, 86400, 's')(fade?.atSeconds)
        ? 'atSeconds: ' + number(0, 86400, 's')(fade?.atSeconds)
        : faderPosition(fade.fader)
          ? 'fader: ' + faderPosition(fade.fader)
          : fadeSeconds(fade.seconds) && 'seconds: ' + fadeSeconds(fade.seconds)
      if (wrong) return `has a fade whose ${wrong}`
    }
    return null
  }

  const port = whole(1, 65535)
  const latencyMs = whole(20, 8000, 'ms')

  const rules = {
    'media-format': { width: even(64, 3840, 'pixels'), height: even(64, 2160, 'pixels'), frameRate: number(1, 60, 'frames/s') },
    'media-source': {
      bus: whole(1, 8),
      kind: oneOf('pattern', 'file', 'url'),
      pattern: oneOf('smpte-bars', 'pal-bars', 'test-card', 'counter', 'gradient', 'colour'),
      colour: text(/^#[0-9a-f]{6}$/i, 'a colour such as #204060'),
      location
    },
    'media-mixer': { fader: faderPosition, fades },
    'media-link-out': { port, latencyMs, bitRate: whole(100000, 200000000, 'bit/s') },
    'media-link-in': { address: text(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, 'an IPv4 address or host name'), port, latencyMs },
    'media-encoder': {
      codec: oneOf('h264'),
      preset: oneOf('ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow'),
      bitRate: whole(50000, 100000000, 'bit/s'),
      gopFrames: whole(1, 600, 'frames')
    },
    'media-hls-out': { segmentSeconds: number(1, 20, 's'), port, title: text(/^[^\u0000-\u001f]{1,100}$/u, '1 to 100 characters') },
    'media-file-out': { fileName: text(/^[a-z0-9][a-z0-9._-]{0,99}\.mp4$/i, 'a plain file name that ends in .mp4') }
  }

  const passphrase = text(/^[\x20-\x7e]{10,79}$/, '10 to 79 plain characters')

  /** null, or what `property` of a node of type `type` must be. */
  function fault (type, property, value, node) {
    return rules[type][property](value, node ?? {})
  }

  publish({ rules, fault, faderPosition, fadeSeconds, passphrase })
})(function (values) {
  if (typeof module === 'object') {
    module.exports = values
    return
  }
  /** A validate function for the editor: true, or what would be right. */
  function check (type, property) {
    return function (value, options) {
      const wrong = values.fault(type, property, value, this)
      return wrong === null || (options ? `${property} ${wrong}` : false)
    }
  }
  window.organistMedia = { ...values, check }
})
