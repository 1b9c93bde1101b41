'use strict'

/**
 * What the properties of the media nodes may be: the one definition for the editor's forms and for the runtime.
 * Each rule takes a value (and the node's other properties) and gives null, or says what would be right.
 */
;(function (publish) {
  // Written by `make media-rules`: what a production's document may hold, a node may, and nothing else.
  // The input's schema and the ports: begin
  const schema = {
    "media-format": {
      "width": {"type": "integer", "minimum": 160, "maximum": 3840, "multipleOf": 2, "default": 1280, "unit": "pixels"},
      "height": {"type": "integer", "minimum": 90, "maximum": 2160, "multipleOf": 2, "default": 720, "unit": "pixels"},
      "frameRate": {"enum": [23.976, 24, 25, 29.97, 30, 50, 59.94, 60], "default": 25, "unit": "frames/s"},
      "slate": {
        "type": "string",
        "maxLength": 2000,
        "pattern": "^(/[^\\u0000-\\u001f]+|https?://[!#$%&()*+,./0-9:;=?@A-Z\\[\\]^_a-z{|}~-]+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9!_.*'()/-]{1,1024})$"
      }
    },
    "media-mixer": {
      "fader": {"type": "number", "minimum": 0, "maximum": 1, "default": 1},
      "fades": {
        "type": "array",
        "maxItems": 200,
        "default": [],
        "fade": {
          "atSeconds": {"type": "number", "minimum": 0, "maximum": 86400, "unit": "s"},
          "fader": {"type": "number", "minimum": 0, "maximum": 1},
          "seconds": {"type": "number", "minimum": 0, "maximum": 3600, "default": 1, "unit": "s"}
        }
      }
    },
    "media-link-out": {
      "bitRate": {"type": "integer", "minimum": 1000000, "maximum": 200000000, "default": 30000000, "unit": "bit/s"},
      "latencyMs": {"type": "integer", "minimum": 20, "maximum": 8000, "default": 120, "unit": "ms"},
      "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 9710}
    },
    "media-encoder": {
      "codec": {"enum": ["h264", "hevc"], "default": "h264"},
      "bitRate": {"type": "integer", "minimum": 100000, "maximum": 100000000, "default": 5000000, "unit": "bit/s"},
      "gopFrames": {"type": "integer", "minimum": 1, "maximum": 600, "default": 50, "unit": "frames"},
      "preset": {"enum": ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"], "default": "veryfast"},
      "soundBitRate": {"type": "integer", "minimum": 96000, "maximum": 320000, "default": 192000, "unit": "bit/s"},
      "renditions": {
        "type": "array",
        "maxItems": 2,
        "default": [],
        "rendition": {
          "width": {"type": "integer", "minimum": 64, "maximum": 3840, "multipleOf": 2, "unit": "pixels"},
          "height": {"type": "integer", "minimum": 90, "maximum": 2160, "multipleOf": 2, "unit": "pixels"},
          "bitRate": {"type": "integer", "minimum": 100000, "maximum": 100000000, "unit": "bit/s"}
        }
      }
    },
    "media-hls-out": {
      "title": {"type": "string", "minLength": 1, "maxLength": 80, "pattern": "^[^<>&\\u0000-\\u001f]*$", "default": "On air"},
      "segmentSeconds": {"type": "integer", "minimum": 1, "maximum": 10, "default": 2, "unit": "s"},
      "publish": {"type": "string", "pattern": "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_.-]+)*$"},
      "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 8080},
      "lowLatencyPort": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 9750}
    },
    "media-file-out": {
      "fileName": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\\.mp4$", "default": "encoder.mp4"},
      "location": {"type": "string", "pattern": "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9!_.*'()/-]{1,1024}$"}
    },
    "media-source": {
      "bus": {"type": "integer", "minimum": 1, "maximum": 8, "default": 1},
      "kind": {"enum": ["pattern", "file", "url", "s3", "srt", "rtmp", "rtp"], "default": "pattern"},
      "pattern": {"enum": ["smpte-bars", "pal-bars", "test-card", "counter", "gradient", "colour"], "default": "smpte-bars"},
      "colour": {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$", "default": "#000000", "unit": "#rrggbb"},
      "versionId": {"type": "string", "maxLength": 1024, "pattern": "^[A-Za-z0-9._~+/=-]+$"},
      "mode": {"enum": ["listener", "caller"], "default": "listener"},
      "address": {"type": "string", "maxLength": 253, "pattern": "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"},
      "latencyMs": {"type": "integer", "minimum": 20, "maximum": 8000, "default": 120, "unit": "ms"},
      "streamId": {"type": "string", "minLength": 1, "maxLength": 512, "pattern": "^[\\x21-\\x7e]+$"},
      "passphraseSecret": {"type": "string", "maxLength": 400, "pattern": "^organist/[A-Za-z][A-Za-z0-9-]{0,127}/[A-Za-z0-9/_+=.@-]+$"},
      "sdp": {"type": "string", "maxLength": 4000, "pattern": "^v=0\\r?\\n([^\\r\\n\\u0000]*\\r?\\n)*m=video [0-9]+ RTP/AVPF? [0-9 ]+(\\r?\\n[^\\r\\n\\u0000]*)*$"},
      "crop": {"type": "boolean", "default": false},
      "soundTrack": {"type": "integer", "minimum": 1, "maximum": 32, "default": 1},
      "holdMs": {"type": "integer", "minimum": 0, "maximum": 600000, "default": 2000, "unit": "ms"},
      "failoverTo": {"type": "integer", "minimum": 1, "maximum": 8},
      "detect": {"type": "array", "default": [], "enum": ["frozen", "black", "silence"]},
      "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 9720},
      "location": {
        "file": {"type": "string", "maxLength": 2000, "pattern": "^/[^\\u0000-\\u001f]+$"},
        "url": {"type": "string", "maxLength": 2000, "pattern": "^https?://[^\\s\"'`<>\\\\]+$"},
        "s3": {"type": "string", "maxLength": 2000, "pattern": "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9!_.*'()/-]{1,1024}$"}
      }
    },
    "media-destination": {
      "kind": {"enum": ["rtmp", "srt", "rtp"], "default": "rtmp"},
      "url": {"type": "string", "maxLength": 500, "pattern": "^rtmps?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)+/?$"},
      "keySecret": {"type": "string", "maxLength": 400, "pattern": "^organist/[A-Za-z][A-Za-z0-9-]{0,127}/[A-Za-z0-9/_+=.@-]+$"},
      "mode": {"enum": ["caller", "listener"], "default": "caller"},
      "address": {"type": "string", "maxLength": 253, "pattern": "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"},
      "latencyMs": {"type": "integer", "minimum": 20, "maximum": 8000, "default": 120, "unit": "ms"},
      "streamId": {"type": "string", "minLength": 1, "maxLength": 512, "pattern": "^[\\x21-\\x7e]+$"},
      "passphraseSecret": {"type": "string", "maxLength": 400, "pattern": "^organist/[A-Za-z][A-Za-z0-9-]{0,127}/[A-Za-z0-9/_+=.@-]+$"},
      "number": {"type": "integer", "minimum": 1, "maximum": 8, "default": 1},
      "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 9740}
    },
    "media-link-in": {
      "address": {"type": "string", "maxLength": 253, "pattern": "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"},
      "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 9710},
      "latencyMs": {"type": "integer", "minimum": 20, "maximum": 8000, "default": 120, "unit": "ms"}
    }
  }
  const passphrasePattern = "^[\\x20-\\x7e]{10,79}$"
  // The input's schema and the ports: end

  function numberOf (value) {
    return value === '' || value === null ? NaN : Number(value)
  }

  /** A number within its bounds: whole, even, or any. */
  function number ({ type, minimum, maximum, multipleOf, unit }) {
    const kind = multipleOf === 2 ? 'an even' : type === 'integer' ? 'a whole' : 'a'
    return (value) => {
      const given = numberOf(value)
      const isKind = (type !== 'integer' || Number.isInteger(given)) && (multipleOf === undefined || given % multipleOf === 0)
      return isKind && given >= minimum && given <= maximum ? null : `must be ${kind} number from ${minimum} to ${maximum}${unit ? ' ' + unit : ''}`
    }
  }

  function oneOf ({ enum: allowed }) {
    const numbers = allowed.every((one) => typeof one === 'number')
    return (value) => allowed.includes(numbers ? numberOf(value) : value) ? null : `must be one of ${allowed.join(', ')}`
  }

  /** A text by pattern and length, counted in code points as JSON Schema counts; `expected` says what is right. */
  function text ({ pattern, minLength = 0, maxLength = Infinity }, expected) {
    const form = new RegExp(pattern, 'u')
    return (value) => {
      const length = typeof value === 'string' ? [...value].length : -1
      return length >= minLength && length <= maxLength && form.test(value) ? null : `must be ${expected}`
    }
  }

  function listOf ({ enum: allowed }) {
    return (value) => Array.isArray(value) && value.every((item) => allowed.includes(item)) ? null : `must be a list of ${allowed.join(', ')}`
  }

  function flag (value) {
    return typeof value === 'boolean' ? null : 'must be true or false'
  }

  const PLACES = { file: 'the absolute path of a file', url: 'an http:// or https:// URL', s3: 's3://bucket/key' }

  function location (value, node) {
    const known = schema['media-source'].location[node.kind]
    return known ? text(known, PLACES[node.kind])(value) : null
  }

  /** A rule that holds for some nodes only; of the others the value is not used. */
  function where (isUsed, rule) {
    return (value, node) => isUsed(node) ? rule(value, node) : null
  }

  /** A rule for what may be left out. */
  function optional (rule) {
    return (value) => value ? rule(value) : null
  }

  /** Whether a source calls its sender. */
  const isCaller = ({ kind, mode }) => kind === 'srt' && mode === 'caller'
  const isSrt = ({ kind }) => kind === 'srt'
  const isRtmp = ({ kind }) => kind === 'rtmp'
  const isLive = ({ kind }) => ['srt', 'rtmp', 'rtp'].includes(kind)

  const { maxItems, fade: { atSeconds, fader, seconds } } = schema['media-mixer'].fades
  const startOfFade = number(atSeconds)
  const faderPosition = number(fader)
  const fadeSeconds = number(seconds)

  function fades (value) {
    if (!Array.isArray(value) || value.length > maxItems) return `must be a list of at most ${maxItems} fades`
    for (const fade of value) {
      const wrong = startOfFade(fade?.atSeconds)
        ? 'atSeconds: ' + startOfFade(fade?.atSeconds)
        : faderPosition(fade.fader)
          ? 'fader: ' + faderPosition(fade.fader)
          : fadeSeconds(fade.seconds) && 'seconds: ' + fadeSeconds(fade.seconds)
      if (wrong) return `has a fade whose ${wrong}`
    }
    return null
  }

  const { maxItems: mostRenditions, rendition } = schema['media-encoder'].renditions
  const sizes = { width: optional(number(rendition.width)), height: number(rendition.height), bitRate: number(rendition.bitRate) }

  function renditions (value) {
    if (!Array.isArray(value) || value.length > mostRenditions) return `must be a list of at most ${mostRenditions} renditions`
    for (const one of value) {
      const property = Object.keys(sizes).find((name) => sizes[name](one?.[name]))
      if (property) return `has a rendition whose ${property}: ${sizes[property](one?.[property])}`
    }
    return null
  }

  const { 'media-format': format, 'media-source': source, 'media-hls-out': hlsOut, 'media-encoder': encoder, 'media-file-out': fileOut, 'media-destination': destination } = schema
  const { 'media-link-out': linkOut, 'media-link-in': linkIn } = schema
  const address = text(source.address, 'an IPv4 address or host name')
  const title = `${hlsOut.title.minLength} to ${hlsOut.title.maxLength} characters, none of < > & or a line's end`

  const rules = {
    'media-format': { width: number(format.width), height: number(format.height), frameRate: oneOf(format.frameRate), slate: optional(text(format.slate, 'an absolute path, an http(s) URL or s3://bucket/key')) },
    'media-source': {
      bus: number(source.bus),
      kind: oneOf(source.kind),
      pattern: oneOf(source.pattern),
      colour: text(source.colour, 'a colour such as #204060'),
      location,
      versionId: where(({ kind, versionId }) => kind === 's3' && versionId, text(source.versionId, 'the version\'s id')),
      mode: where(isSrt, oneOf(source.mode)),
      address: where(isCaller, address),
      port: where(isLive, number(source.port)),
      latencyMs: where(isSrt, number(source.latencyMs)),
      streamId: where((node) => isCaller(node) && node.streamId, text(source.streamId, 'plain characters without blanks')),
      passphraseSecret: where((node) => isCaller(node) && node.passphraseSecret, text(source.passphraseSecret, 'organist/STACK/NAME')),
      sdp: where(({ kind, sdp }) => kind === 'rtp' && sdp, text(source.sdp, `an SDP with m=video, of at most ${source.sdp.maxLength} characters`)),
      crop: flag,
      soundTrack: number(source.soundTrack),
      holdMs: number(source.holdMs),
      detect: listOf(source.detect),
      failoverTo: where((node) => node.failoverTo, number(source.failoverTo))
    },
    'media-mixer': { fader: number(schema['media-mixer'].fader), fades },
    'media-link-out': { port: number(linkOut.port), latencyMs: number(linkOut.latencyMs), bitRate: number(linkOut.bitRate) },
    'media-link-in': {
      address,
      port: number(linkIn.port),
      latencyMs: number(linkIn.latencyMs)
    },
    'media-encoder': {
      codec: oneOf(encoder.codec),
      preset: oneOf(encoder.preset),
      bitRate: number(encoder.bitRate),
      gopFrames: number(encoder.gopFrames),
      soundBitRate: number(encoder.soundBitRate),
      renditions
    },
    'media-hls-out': { segmentSeconds: number(hlsOut.segmentSeconds), port: number(hlsOut.port), lowLatencyPort: number(hlsOut.lowLatencyPort), title: text(hlsOut.title, title), publish: optional(text(hlsOut.publish, 's3://bucket or s3://bucket/prefix')) },
    'media-destination': {
      number: number(destination.number),
      kind: oneOf(destination.kind),
      url: where(isRtmp, text(destination.url, 'an rtmp:// or rtmps:// URL without the key')),
      keySecret: where(isRtmp, text(destination.keySecret, 'organist/STACK/NAME')),
      mode: where(isSrt, oneOf(destination.mode)),
      address: where((node) => isCaller(node) || node.kind === 'rtp', address),
      port: where((node) => node.kind !== 'rtmp', number(destination.port)),
      latencyMs: where(isSrt, number(destination.latencyMs)),
      streamId: where((node) => isCaller(node) && node.streamId, text(destination.streamId, 'plain characters without blanks')),
      passphraseSecret: where((node) => isCaller(node) && node.passphraseSecret, text(destination.passphraseSecret, 'organist/STACK/NAME'))
    },
    'media-file-out': {
      fileName: text(fileOut.fileName, 'a plain file name that ends in .mp4'),
      location: where((node) => node.location, text(fileOut.location, 's3://bucket/key'))
    }
  }

  const passphrase = text({ pattern: passphrasePattern }, '10 to 79 plain characters')
  /** The key by which RTMP senders are told apart. */
  const streamKey = text({ pattern: '^[A-Za-z0-9_-]{10,79}$' }, '10 to 79 letters, digits, _ and -')

  /** The key that another's RTMP server wants: what stands in a URL of theirs. */
  const streamKeyOfOthers = text({ pattern: '^[\\x21-\\x7e]{1,512}$' }, '1 to 512 plain characters without blanks')

  /** null, or what `property` of a node of type `type` must be. */
  function fault (type, property, value, node) {
    return rules[type][property](value, node ?? {})
  }

  /** What `property` of a new node of type `type` is at first. */
  function initial (type, property) {
    return structuredClone(schema[type][property].default)
  }

  publish({ rules, fault, initial, faderPosition, fadeSeconds, passphrase, streamKey, streamKeyOfOthers, isCaller })
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
