'use strict'

/**
 * `make bench-media`: what the mixing engine takes of the processors, beside one plain FFmpeg that does the same work in the same minute,
 * with two live H.264 sources. Prints a table; asserts nothing.
 */

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { setTimeout: pause } = require('node:timers/promises')
const { PictureFormat } = require('../../../tasks/node-red/media-nodes/engine/pictures/picture-format')
const { eventually } = require('../../../tasks/node-red/media-nodes/test-support/eventually')
const { freeUdpPort } = require('../../../tasks/node-red/media-nodes/test-support/live-source')
const { realFfmpeg } = require('../../../tasks/node-red/media-nodes/test-support/real-ffmpeg')
const { Capture, LinkReceiver, medianDelay } = require('./latency')
const { MixingEngine } = require('./mixing-engine')
const { plainArguments, PlainFfmpeg } = require('./plain-ffmpeg')
const { codedFile, Sender } = require('./senders')

const FORMATS = [[1280, 720, 25], [1920, 1080, 25], [1920, 1080, 50]]
const [SETTLE_MS, MEASURE_MS, LATENCY_MS] = [4000, 10_000, 6000]
/** The processors of a shared computer are not always as fast: the middle one of so many rounds is told. */
const ROUNDS = 3
/** As a production's link: lambdas' default bit rate, near lossless. */
const LINK = { name: 'link', codec: 'h264', preset: 'ultrafast', bitRate: 30_000_000, bufferSeconds: 0.2, sound: null }
const ffmpegPath = process.env.FFMPEG_PATH = realFfmpeg()

/** Less than this part of real time is not kept up with: what waits grows, and neither processors nor latency can be compared. */
const KEPT_UP = 0.98

/** The two are beside each other for nothing where what they send is not the same. */
class OtherWork extends Error {
  constructor (ours, theirs) {
    super(`The engine and plain FFmpeg do not do the same work. The engine's link: ${ours}. Plain FFmpeg's: ${theirs}.`)
    this.name = 'OtherWork'
  }
}

/** CPU seconds a second of video of each process, the link's bit/s, and the frames dropped and repeated meanwhile. */
async function measure (subject, receiver, { rate }) {
  await subject.look?.()
  const [cpu, figures, bytes, startedAt] = [subject.cpu, subject.figures, receiver.bytes, performance.now()]
  await pause(MEASURE_MS)
  await subject.look?.()
  const [after, now, wall] = [subject.cpu, subject.figures, (performance.now() - startedAt) / 1000]
  const seconds = (now.frames - figures.frames) / rate.value
  const used = Object.fromEntries(Object.entries(after).map(([name, value]) => [name, (value - cpu[name]) / seconds]))
  return {
    pace: seconds / wall, used, total: Object.values(used).reduce((sum, value) => sum + value, 0), bitRate: (receiver.bytes - bytes) * 8 / seconds,
    dropped: now.dropped - figures.dropped, repeated: now.repeated - figures.repeated
  }
}

/** Run one subject with its two senders, and give what `act(subject, receiver, capture)` does. */
async function withSources ({ files, format }, makeSubject, act) {
  const ports = [await freeUdpPort('127.0.0.1'), await freeUdpPort('127.0.0.1')]
  const linkPort = await freeUdpPort('127.0.0.1')
  const subject = await makeSubject({ ports, linkPort })
  const parts = [subject]
  try {
    await pause(1000)
    const senders = files.map((file, index) => new Sender(ffmpegPath, file, ports[index]))
    const receiver = new LinkReceiver(ffmpegPath, linkPort)
    parts.push(...senders, receiver)
    await eventually('the link is sent', () => receiver.isArriving, 40)
    const { coding } = receiver
    await pause(SETTLE_MS)
    const measured = await act(subject, receiver, async () => {
      const [source, programme] = [new Capture(), new Capture()]
      senders[0].onBytes = (bytes) => source.write(bytes)
      receiver.onBytes = (bytes) => programme.write(bytes)
      await pause(LATENCY_MS)
      senders[0].onBytes = receiver.onBytes = null
      return [source, programme]
    })
    return { coding, ...measured }
  } finally {
    await Promise.all(parts.map((part) => part.end()))
  }
}

async function bench (production, format, files) {
  const encoder = { ...LINK, gopFrames: Math.round(format.rate.value / 2) }
  const place = { files, format }
  const plain = (weights) => async (ports) => new PlainFfmpeg(ffmpegPath, plainArguments({ format, encoder, weights, ...ports }))
  const engine = async (ports) => {
    const subject = new MixingEngine()
    await subject.start({ production, encoder, ...ports })
    return subject
  }
  const ours = await withSources(place, engine, async (subject, receiver, capture) => {
    const still = await measure(subject, receiver, format)
    const captures = await capture()
    await subject.mixing()
    await pause(1000)
    return { still, captures, moving: await measure(subject, receiver, format) }
  })
  const theirs = await withSources(place, plain("'1 0'"), async (subject, receiver, capture) =>
    ({ still: await measure(subject, receiver, format), captures: await capture() }))
  if (theirs.coding !== ours.coding) throw new OtherWork(ours.coding, theirs.coding)
  Object.assign(theirs, await withSources(place, plain("'0.5 0.5'"), async (subject, receiver) => ({ moving: await measure(subject, receiver, format) })))
  for (const one of [ours, theirs]) one.seen = one.captures.map((capture) => capture.seenNumbers(ffmpegPath, format))
  return { ours, theirs }
}

const number = (value) => value.toFixed(2)
const megabits = ({ bitRate }) => (bitRate / 1e6).toFixed(1)
const ofEach = (used) => Object.entries(used).map(([name, value]) => `${name} ${number(value)}`).join(', ')

/** The round whose ratio is the middle one; and the ratios of all. */
function middleOf (rounds, phase) {
  const ratioOf = ({ ours, theirs }) => ours[phase].total / theirs[phase].total
  const sorted = rounds.toSorted((a, b) => ratioOf(a) - ratioOf(b))
  return { ...sorted[sorted.length >> 1], ratios: sorted.map(ratioOf) }
}

function print ([width, height, rate], rounds) {
  for (const [phase, name] of [['still', 'none'], ['moving', 'mix']]) {
    const { ours, theirs, ratios } = middleOf(rounds, phase)
    const [mine, plain] = [ours[phase], theirs[phase]]
    if (Math.min(mine.pace, plain.pace) < KEPT_UP) {
      console.log(`| ${width}x${height}p${rate} | ${name} | too much for this computer: of real time the engine keeps ${number(mine.pace)}, plain FFmpeg ${number(plain.pace)} |||||||`)
      continue
    }
    const latency = phase === 'still' ? `${Math.round(medianDelay(...ours.seen))} / ${Math.round(medianDelay(...theirs.seen))}` : ''
    console.log(`| ${width}x${height}p${rate} | ${name} | ${number(mine.total)} | ${number(plain.total)} | ${ratios.map(number).join(', ')} | ` +
      `${megabits(mine)} / ${megabits(plain)} | ${mine.dropped} + ${mine.repeated} / ${plain.dropped} + ${plain.repeated} | ${latency} | ${ofEach(mine.used)} |`)
  }
}

async function main (wanted) {
  console.log('| format | transition | engine | plain FFmpeg | ratio of each round | link (Mbit/s), engine / plain | dropped + repeated, engine / plain | latency (ms), engine / plain | of each process |')
  console.log('|---|---|---|---|---|---|---|---|---|')
  for (const [width, height, frameRate] of FORMATS.filter(([, height, rate]) => !wanted || wanted === `${height}p${rate}`)) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-media-'))
    try {
      const production = { width, height, frameRate }
      const format = new PictureFormat(production)
      const files = [await codedFile(ffmpegPath, format, folder, 'one'), await codedFile(ffmpegPath, format, folder, 'two')]
      const rounds = []
      while (rounds.length < ROUNDS) rounds.push(await bench(production, format, files))
      print([width, height, frameRate], rounds)
    } finally {
      fs.rmSync(folder, { recursive: true })
    }
  }
  const format = new PictureFormat({ width: 1280, height: 720, frameRate: 25 })
  const args = plainArguments({ format, ports: ['PORT1', 'PORT2'], linkPort: 'PORT', encoder: { ...LINK, gopFrames: 12 }, weights: "'1 0'" })
  console.log(`\nPlain FFmpeg, at 1280x720p25:\n\nffmpeg ${args.map((arg) => /[^\w./:+=-]/.test(arg) ? `"${arg}"` : arg).join(' ')}`)
}

main(process.argv[2])
