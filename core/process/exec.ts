import { call, done, fail, procedure, RESULT, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import { allocateMm, mmdrop, mmgrab } from './mm.ts';
import { mmput } from './mmput.ts';
import { closeFile, fileInWords, openFileOf } from './open-file.ts';
import { dropPins } from './pin.ts';
import { pins } from './pins.ts';
import { loadProgram } from './program.ts';
import { tasks } from './task.ts';

/**
 * The only thread of a process becomes another program: its old address space ends as at exit, with all bonds, the new
 * one is empty and unknown to any device. Device files are closed on exec. Returns 0 or -ENOMEM.
 */
const doExecve = procedure(
  'do_execve',
  'mm',
  {
    alloc: ['task'],
    memory: ['task', 'copy'],
    files: ['task', 'mm'],
    unpin: ['task', 'mm'],
    load: ['task', 'mm'],
  },
  (go) => ({
    alloc: step(
      'makes an empty mm for the new program',
      { cite: 'fs/exec.c bprm_mm_init()', cost: 'fault' },
      (world, { task }) => {
        const fresh = allocateMm(world, tasks.get(world, task).name);
        return fresh.ok ? go.memory({ task, copy: fresh.value }) : fail(fresh.error);
      },
    ),
    memory: step(
      'takes the new mm and gives up the old',
      { cite: 'fs/exec.c exec_mmap()' },
      (world, { task, copy }) => {
        const { mm } = tasks.get(world, task);
        tasks.edit(world, task, (row) => {
          row.mm = copy;
        });
        mmgrab(world, mm);
        return call(mmput.at.put({ mm }), go.files({ task, mm }));
      },
    ),
    files: step('closes its device files: {file}', { cite: 'fs/file.c do_close_on_exec()' }, (world, { task, mm }) => {
      const file = openFileOf(world, mm);
      tell(world, { file: file === undefined ? 'none is open' : fileInWords(world, file) });
      if (file === undefined) return go.unpin({ task, mm });
      return call(closeFile(world, file), go.files({ task, mm }));
    }),
    unpin: step('unpins what was pinned through them: {pages}', { cite: 'mm/swap.c put_page()' }, (world, locals) => {
      const own = pins.all(world).filter(({ mm }) => mm === locals.mm);
      tell(world, { pages: dropPins(world, own) });
      return go.load(locals);
    }),
    load: step('maps the new program', { cite: 'fs/binfmt_elf.c load_elf_binary()' }, (world, { task, mm }) => {
      const { mm: own, name } = tasks.get(world, task);
      mmdrop(world, mm);
      loadProgram(world, own, name);
      return done();
    }),
  }),
);

/** execve() of a process with one thread. */
export const sysExec = procedure('execve', 'self', { call: ['task'], back: ['result'] }, (go) => ({
  call: step('calls execve()', { cite: 'fs/exec.c execve()', cost: 'syscall' }, (_world, { task }) =>
    call(doExecve.at.alloc({ task }), go.back({ result: RESULT })),
  ),
  back: step('begins the new program', { cite: 'fs/exec.c execve()' }, (_world, { result }) => done(result)),
}));
