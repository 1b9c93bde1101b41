'use strict'

/**
 * The process of one destination, of which OUTPUT_DEFINITION tells, with the programme's transport stream on its standard input.
 *
 * It reads the key or the passphrase by itself, of Secrets Manager. Each second a line of JSON on standard output tells how it goes, and of its
 * FFmpeg, as soon as there is one: whoever kills this one has to end that, too. What ends it is an `[error]` line on standard error.
 */

const { spawn } = require('node:child_process')
const { SecretStore } = require('../../sources/fetching/secret-store')
const { listenForEnd } = require('../programme-end')
const { DESTINATIONS } = require('./kinds')
const values = require('../../../resources/media-values')

const TELL_MS = 1000
/** So long FFmpeg may send what it has, once the programme is over: one that waits for a call reads nothing, and never learns of it. */
const LAST_MS = 1500
/** What a secret of Secrets Manager may be. */
const RULES = { rtmp: values.streamKeyOfOthers, srt: values.passphrase }

const time = { setTimeout: (action, ms) => setTimeout(action, ms), clearTimeout: (timer) => clearTimeout(timer) }

async function main ({ OUTPUT_DEFINITION, AWS_ENDPOINT_URL: endpoint, AWS_REGION: region }) {
  const { ffmpegPath, ...definition } = JSON.parse(OUTPUT_DEFINITION)
  const told = { state: 'sending', to: definition.to, connectedSince: null, bytes: 0, ffmpegPid: null }
  const tell = () => process.stdout.write(JSON.stringify(told) + '\n')
  const over = new AbortController()
  listenForEnd().isClosed.then(() => setTimeout(() => over.abort(), LAST_MS).unref())
  process.stdout.on('error', () => {})
  const timer = setInterval(tell, TELL_MS)
  const secrets = new SecretStore({ endpoint: endpoint || undefined, region: region || undefined, rule: RULES[definition.to] })
  const secret = definition.secret ? await secrets.read(definition.secret) : definition.passphrase
  const sent = (bytes) => {
    if (bytes > told.bytes) told.connectedSince ??= new Date().toISOString()
    told.bytes = bytes
  }
  const start = (args, stdio) => {
    const ffmpeg = spawn(ffmpegPath, args, { stdio, signal: over.signal, killSignal: 'SIGKILL' })
    told.ffmpegPid = ffmpeg.pid ?? null
    tell()
    return ffmpeg
  }
  await DESTINATIONS[definition.to](definition, secret, { start, sent, time })
  clearInterval(timer)
}

main(process.env).catch((error) => {
  process.stderr.write(`[error] ${error.message}\n`)
  process.exit(1)
})
