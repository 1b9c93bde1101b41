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
const { LinkReceiver, NumberReader, medianDelay } = require('./latency')
const { MixingEngine } = require('./mixing-engine')
const { plainArguments, PlainFfmpeg } = require('./plain-ffmpeg')
const { codedFile, Sender } = require('./senders')

const FORMATS = [[1280, 720, 25], [1920, 1080, 25], [1920, 1080, 50]]
const [SETTLE_MS, MEASURE_MS, LATENCY_MS] = [4000, 10_000, 6000]
/** The processors of a shared computer are not always as fast: the middle one of so many rounds is told. */
const ROUNDS = 3
const ENOUGH_BYTES = 500_000
/** As a production's link: lambdas' default bit rate, near lossless. */
const LINK = { name: 'link', codec: 'h264', preset: 'ultrafast', bitRate: 30_000_000, bufferSeconds: 0.2, sound: null }
const ffmpegPath = process.env.FFMPEG_PATH = realFfmpeg()

/** CPU seconds a second of video of each process, and the frames dropped and repeated meanwhile. */
async function measure (subject) {
  await subject.look?.()
  const [cpu, figures, startedAt] = [subject.cpu, subject.figures, performance.now()]
  await pause(MEASURE_MS)
  await subject.look?.()
  const seconds = (performance.now() - startedAt) / 1000
  const after = subject.cpu
  const used = Object.fromEntries(Object.entries(after).map(([name, value]) => [name, (value - cpu[name]) / seconds]))
  const { frames, dropped, repeated } = subject.figures
  return { used, total: Object.values(used).reduce((sum, value) => sum + value, 0), frames: frames - figures.frames, dropped: dropped - figures.dropped, repeated: repeated - figures.repeated }
}

/** Run one subject with its two senders, and give what `act(subject, readers)` does. */
async function withSources ({ files, format }, makeSubject, act) {
  const ports = [await freeUdpPort('127.0.0.1'), await freeUdpPort('127.0.0.1')]
  const linkPort = await freeUdpPort('127.0.0.1')
  const subject = await makeSubject({ ports, linkPort })
  const senders = []
  const readers = []
  try {
    await pause(1000)
    for (const [index, file] of files.entries()) senders.push(new Sender(ffmpegPath, file, ports[index]))
    const receiver = new LinkReceiver(ffmpegPath, linkPort)
    readers.push(receiver)
    await eventually('the link is sent', () => receiver.bytes > ENOUGH_BYTES, 40)
    await pause(SETTLE_MS)
    return await act(subject, async () => {
      const [source, programme] = [new NumberReader(ffmpegPath, format), new NumberReader(ffmpegPath, format)]
      readers.push(source, programme)
      senders[0].onBytes = (bytes) => source.write(bytes)
      receiver.onBytes = (bytes) => programme.write(bytes)
      await pause(LATENCY_MS)
      senders[0].onBytes = receiver.onBytes = null
      return medianDelay(source, programme)
    })
  } finally {
    await Promise.all([...senders, ...readers, subject].map((part) => part.end()))
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
  const ours = await withSources(place, engine, async (subject, latency) => {
    const still = await measure(subject)
    const delay = await latency()
    await subject.mixing()
    await pause(1000)
    return { still, delay, moving: await measure(subject) }
  })
  const theirs = await withSources(place, plain("'1 0'"), async (subject, latency) => ({ still: await measure(subject), delay: await latency() }))
  theirs.moving = await withSources(place, plain("'0.5 0.5'"), measure)
  return { ours, theirs }
}

const number = (value) => value.toFixed(2)
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
    const latency = phase === 'still' ? `${Math.round(ours.delay)} / ${Math.round(theirs.delay)}` : ''
    console.log(`| ${width}x${height}p${rate} | ${name} | ${number(mine.total)} | ${number(plain.total)} | ${ratios.map(number).join(', ')} | ` +
      `${mine.dropped} + ${mine.repeated} / ${plain.dropped} + ${plain.repeated} | ${latency} | ${ofEach(mine.used)} |`)
  }
}

async function main (wanted) {
  console.log('| format | transition | engine | plain FFmpeg | ratio of each round | dropped + repeated, engine / plain | latency (ms), engine / plain | of each process |')
  console.log('|---|---|---|---|---|---|---|---|')
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
