'use strict'

const fs = require('node:fs')
const { execFileSync } = require('node:child_process')

const TICKS_A_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Processor time of a process so far, s; Linux: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function cpuSeconds (pid) {
  const told = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = told.slice(told.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

module.exports = { cpuSeconds }
