import path from 'node:path';

/** A command with its arguments. */
export type Command = readonly [file: string, ...args: string[]];

/** How the program of a language is made ready, and run. */
export interface Language {
  name: string;
  /** The folder beside this file. */
  folder: string;
  /** Each must run on this machine, without a network. */
  needs: readonly Command[];
  /** Puts everything that comes from a registry into the directory `target`. */
  prepare: (source: string, target: string) => readonly Command[];
  run: (source: string, target: string) => Command;
  /** Whether its stack texts name type and message; else a download has them above. */
  saysWhatHappened: boolean;
  /** Whether its SDK cuts the stack of this program. */
  cutsStacks: boolean;
}

export const languages: readonly Language[] = [
  {
    name: 'Python',
    folder: 'python',
    // Debian's Python comes without the second half of its own `venv`.
    needs: [['python3', '-c', 'import ensurepip, sys, venv; print(sys.version, sys.prefix)']],
    prepare: (source, target) => {
      const python = path.join(target, 'bin/python');
      const requirements = path.join(source, 'requirements.txt');
      return [
        ['python3', '-m', 'venv', target],
        [python, '-m', 'pip', 'install', '--quiet', '--require-hashes', '-r', requirements],
      ];
    },
    run: (source, target) => [path.join(target, 'bin/python'), path.join(source, 'failing_run.py')],
    saysWhatHappened: true,
    cutsStacks: false,
  },
  {
    name: 'Go',
    folder: 'go',
    needs: [['go', 'version']],
    prepare: (source, target) => [
      ['go', 'build', '-C', source, '-buildvcs=false', '-o', path.join(target, 'failing-run')],
    ],
    run: (_source, target) => [path.join(target, 'failing-run')],
    saysWhatHappened: false,
    cutsStacks: true,
  },
  {
    name: 'Java',
    folder: 'java',
    needs: [
      // Not `java`, which is there without a compiler, too.
      ['javac', '-version'],
      ['mvn', '-version'],
    ],
    prepare: (source, target) => {
      const project = path.join(source, 'pom.xml');
      const copy = 'dependency:copy-dependencies';
      return [
        [
          'mvn',
          '--quiet',
          '-B',
          '--strict-checksums',
          '-f',
          project,
          copy,
          `-DoutputDirectory=${target}`,
        ],
      ];
    },
    // Java runs a program of one file from its source.
    run: (source, target) => [
      'java',
      '-cp',
      path.join(target, '*'),
      path.join(source, 'FailingRun.java'),
    ],
    saysWhatHappened: true,
    cutsStacks: false,
  },
];
