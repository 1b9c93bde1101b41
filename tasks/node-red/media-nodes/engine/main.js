'use strict'

/**
 * The engine's process: `node main.js FOLDER`, with the definition in FOLDER/definition.json.
 *
 * It is controlled over FOLDER/control.sock and keeps what the operator has set in FOLDER/desk.json. It tells the supervisor that it lives,
 * and ends when that is gone.
 */

const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { carryOut } = require('./commands')
const { DeskFile } = require('./desk-file')
const { Engine } = require('./engine')
const { serveJsonLines } = require('./json-lines-server')
const { logLine } = require('./log-line')
const { scrub } = require('../lib/scrub')

const ALIVE_MS = 250
const FONT = '@fontsource/dejavu-mono/files/dejavu-mono-latin-400-normal.woff'

const time = {
  now: () => performance.now(),
  setTimeout: (action, ms) => setTimeout(action, ms),
  clearTimeout: (timer) => clearTimeout(timer)
}

async function main ([folder]) {
  const definition = JSON.parse(fs.readFileSync(path.join(folder, 'definition.json'), 'utf8'))
  let secrets = secretsOf(definition)
  const place = { ffmpegPath: process.env.FFMPEG_PATH || 'ffmpeg', font: require.resolve(FONT), folder, ...awsOf(process.env) }
  const engine = new Engine(definition, place, time)
  const desk = new DeskFile(path.join(folder, 'desk.json'))
  desk.restore(engine)
  engine.on('desk', () => desk.keep(engine))
  engine.on('trouble', (text) => logLine('warn', `${definition.name}: ${scrub(text, secrets)}`))
  await serveJsonLines(path.join(folder, 'control.sock'), (request) => answer(engine, desk, request))
  process.once('SIGTERM', async () => {
    await engine.stop()
    process.exit(0)
  })
  process.on('SIGINT', () => {}) // Ctrl-C is for who started this
  process.on('disconnect', () => process.kill(0, 'SIGKILL')) // nobody is left to end anything in order
  process.on('message', ({ definition }) => {
    secrets = [...secrets, ...secretsOf(definition)]
    process.send({ isTaken: engine.redefine(definition) })
  })
  const tellAlive = () => process.send?.({ frames: engine.frames })
  setInterval(tellAlive, ALIVE_MS)
  tellAlive()
  await engine.start()
}

/** What no log may show. */
function secretsOf ({ sources, encoders }) {
  const outputs = encoders.flatMap((encoder) => encoder.outputs)
  return [...sources, ...outputs].flatMap(({ passphrase, streamKey }) => [passphrase, streamKey]).filter(Boolean)
}

/** The account's S3 and Secrets Manager, or those of a local cloud. */
function awsOf ({ AWS_ENDPOINT_URL, AWS_REGION }) {
  const where = { endpoint: AWS_ENDPOINT_URL || undefined, region: AWS_REGION || undefined }
  return { fetching: { s3: where }, secrets: where }
}

/** A command is answered when its first frame has been made: the state tells of it. */
async function answer (engine, desk, request) {
  if (request.command === 'state') return engine.state
  carryOut(engine, request)
  desk.keep(engine)
  await once(engine, 'tick')
  return engine.state
}

main(process.argv.slice(2)).catch((error) => {
  logLine('error', `The engine cannot start: ${error.message}`)
  process.exit(1)
})
