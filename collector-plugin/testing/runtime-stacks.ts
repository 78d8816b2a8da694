/** What differs between two failures at one place, drawn anew for each. */
export interface Varying {
  /** A number of any length. */
  order: number;
  /** A number of 12 hex digits. */
  address: string;
  uuid: string;
  /** A moment in UTC, with a fraction of any length. */
  moment: string;
  /** Letters and digits in any order. */
  id: string;
  /** Letters alone. */
  customer: string;
}

/** An exception as a runtime writes it, and lines of it that say where it was: these stay as they are. */
export interface RuntimeStack {
  message: string;
  text: string;
  frames: string[];
}

/**
 * What runtimes make of an exception that carries such values. Node, Python, Java, Go, Rust and C++ were
 * captured from programs that failed so; the others follow the documentation of their runtimes.
 */
export const runtimeStacks: Readonly<Record<string, (varying: Varying) => RuntimeStack>> = {
  Node: ({ order, uuid, customer }) => ({
    message: `no stock for order ${order} of ${customer}`,
    text: `StockError: no stock for order ${order} of ${customer}
    at reserveStock (file:///srv/shop/inventory.ts:33:11)
    at async Promise.all (index 0)
    at process.processTicksAndRejections (node:internal/process/task_queues:104:5) {
  orderNo: ${order},
  [cause]: RepositoryError: query ${uuid} failed [$1 = ${order}]
      at findStockLevels (file:///srv/shop/inventory.ts:44:11) {
    [cause]: Error: no such customer: ${customer}
        at async queryAnyReplica (file:///srv/shop/inventory.ts:55:19)
  }
}`,
    frames: [
      '    at reserveStock (file:///srv/shop/inventory.ts:33:11)\n',
      '    at async Promise.all (index 0)\n',
      'task_queues:104:5) {\n',
      '      at findStockLevels (file:///srv/shop/inventory.ts:44:11) {\n',
    ],
  }),

  Python: ({ order, address, customer }) => ({
    message: `'${customer}'`,
    text: `Traceback (most recent call last):
  File "/srv/shop/place.py", line 8, in place
    reserve(order, retries=3)
    ~~~~~~~^^^^^^^^^^^^^^^^^^
    order = <shop.Order object at 0x${address}>
    number = ${order}
  File "/srv/shop/stock.py", line 5, in reserve
    return stock["v2"][customer]
KeyError: '${customer}'
`,
    frames: [
      '  File "/srv/shop/place.py", line 8, in place\n    reserve(order, retries=3)\n',
      '  File "/srv/shop/stock.py", line 5, in reserve\n    return stock["v2"][customer]\n',
    ],
  }),

  'Python, a group': ({ order, id }) => ({
    message: `batch ${order} (2 sub-exceptions)`,
    text: `  + Exception Group Traceback (most recent call last):
  |   File "/srv/shop/batch.py", line 17, in <module>
  |     raise ExceptionGroup(f"batch {n}", errors[:2])
  | ExceptionGroup: batch ${order} (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/shop/batch.py", line 10, in place
    |     raise ValueError(f"order {n} failed, request {request}") from e
    | ValueError: order ${order + 1} failed, request req_${id}
    +---------------- 2 ----------------
    | KeyError: ${order + 2}
    +------------------------------------
`,
    frames: [
      '  |   File "/srv/shop/batch.py", line 17, in <module>\n  |     raise ExceptionGroup(f"batch {n}", errors[:2])\n',
      '    |   File "/srv/shop/batch.py", line 10, in place\n',
    ],
  }),

  Java: ({ order, address, moment, id, customer }) => ({
    message: `Order ${order} of ${customer} not found`,
    text: `java.util.concurrent.ExecutionException: shop.Gone: Order ${order} of ${customer} not found
\tat java.base/java.util.concurrent.FutureTask.report(FutureTask.java:122)
\tat shop.Main$$Lambda/0x${address}.run(Unknown Source)
\tSuppressed: java.lang.IllegalStateException: closing connection-${order}
\t\t... 10 more
Caused by: shop.Gone: Order ${order} of ${customer} not found
\tat shop.Place.place(Place.java:6)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: java.sql.SQLException: no row for ${customer} at ${moment} in lock ${id}
\tat shop.Place.row(Place.java:5)
\t... 12 more
`,
    frames: [
      '\tat java.base/java.util.concurrent.FutureTask.report(FutureTask.java:122)\n',
      '.run(Unknown Source)\n',
      '\t\t... 10 more\n',
      '\tat shop.Place.row(Place.java:5)\n\t... 12 more\n',
    ],
  }),

  Kotlin: ({ order, uuid }) => ({
    message: `order ${order}`,
    text: `Exception in thread "pool-3-thread-${order}" shop.GoneException: order ${order}
\tat shop.PlaceKt$place$2.invokeSuspend(Place.kt:12)
\tat _COROUTINE._BOUNDARY._(CoroutineDebugging.kt:42)
Caused by: io.ktor.client.plugins.HttpRequestTimeoutException: timed out [url=http://stock/${uuid}, ${order} ms]
\tat shop.Stock.read(Stock.kt:7)
`,
    frames: [
      '\tat shop.PlaceKt$place$2.invokeSuspend(Place.kt:12)\n\tat _COROUTINE._BOUNDARY._(CoroutineDebugging.kt:42)\n',
    ],
  }),

  Go: ({ order, address }) => ({
    message: `order ${order}: no carrier`,
    text: `goroutine ${order} [running]:
runtime/debug.Stack()
\t/usr/local/go/src/runtime/debug/stack.go:26 +0x5e
panic({0x4ab620?, 0x${address}?})
\t/usr/local/go/src/runtime/panic.go:860 +0x13a
main.(*shop).place(0x${address}, {0x${address}?, 0x9})
\t/srv/shop/main.go:6 +0x13f
created by main.main in goroutine 1
\t/srv/shop/main.go:10 +0x9f
`,
    frames: [
      '\t/usr/local/go/src/runtime/debug/stack.go:26 +0x5e\n',
      '\t/srv/shop/main.go:6 +0x13f\n',
      'main.(*shop).place(',
    ],
  }),

  '.NET': ({ order, uuid }) => ({
    message: `Order ${order} not found`,
    text: `Shop.OrderException: Order ${order} not found
 ---> System.TimeoutException: lease ${uuid} ran out
   at Shop.Stock.Read(Int32 id) in /src/Stock.cs:line 12
   --- End of inner exception stack trace ---
   at Shop.Place.Run() in /src/Place.cs:line 30
--- End of stack trace from previous location ---
   at Shop.Program.<Main>g__Step|0_1() in /src/Program.cs:line 7`,
    frames: [
      '   at Shop.Stock.Read(Int32 id) in /src/Stock.cs:line 12\n',
      '   at Shop.Program.<Main>g__Step|0_1() in /src/Program.cs:line 7',
    ],
  }),

  Ruby: ({ order, address }) => ({
    message: `no order ${order}`,
    text: `/srv/shop/place.rb:12:in 'Place#run': no order ${order} (Shop::Gone)
\tfrom /srv/shop/place.rb:30:in 'block in <main>'
/srv/shop/stock.rb:4:in 'Stock#row': no row in #<Stock:0x${address} @id=${order}> (KeyError)
\tfrom /srv/shop/place.rb:11:in 'Place#run'
`,
    frames: [
      "/srv/shop/place.rb:12:in 'Place#run': ",
      "\tfrom /srv/shop/place.rb:30:in 'block in <main>'\n/srv/shop/stock.rb:4:in 'Stock#row': ",
    ],
  }),

  PHP: ({ order, id }) => ({
    message: `order ${order} is gone`,
    text: `Shop\\Gone: order ${order} is gone in /srv/shop/place.php:12
Stack trace:
#0 /srv/shop/place.php(30): Shop\\V2\\place(${order}, 'cus_${id}')
#1 [internal function]: run(Array)
#2 {main}

Next RuntimeException: lock ${order} is lost in /srv/shop/lock.php:4
`,
    frames: [
      ' in /srv/shop/place.php:12\nStack trace:\n#0 /srv/shop/place.php(30): Shop\\V2\\place(',
      '#1 [internal function]: run(Array)\n#2 {main}\n',
      ' in /srv/shop/lock.php:4\n',
    ],
  }),

  Rust: ({ order, address }) => ({
    message: `no row for order ${order}`,
    text: `thread 'main' (${order}) panicked at src/main.rs:1:96:
called \`Result::unwrap()\` on an \`Err\` value: "no row for order ${order}"
stack backtrace:
   0:     0x${address} - std[e28293b1aa0f68bd]::backtrace_rs::backtrace::trace
                               at /rustc/59807616e1fa/library/std/src/backtrace.rs:117:9
   4: shop::place
             at ./src/main.rs:1:96
`,
    frames: [
      ' panicked at src/main.rs:1:96:\n',
      ' - std[e28293b1aa0f68bd]::backtrace_rs::backtrace::trace\n                               at /rustc/59807616e1fa/library/std/src/backtrace.rs:117:9\n   4: shop::place\n             at ./src/main.rs:1:96\n',
    ],
  }),

  Elixir: ({ order, id }) => ({
    message: `order ${order} is gone`,
    text: `** (Shop.Gone) order ${order} is gone
    (shop 0.1.0) lib/shop/place.ex:12: Shop.Place.run/2
    (shop 0.1.0) lib/shop/stock.ex:4: Shop.Stock.row(${order}, "${id}")
    (stdlib 6.2.1) proc_lib.erl:329: :proc_lib.init_p_do_apply/3
`,
    frames: [
      '    (shop 0.1.0) lib/shop/place.ex:12: Shop.Place.run/2\n    (shop 0.1.0) lib/shop/stock.ex:4: Shop.Stock.row(',
      '    (stdlib 6.2.1) proc_lib.erl:329: :proc_lib.init_p_do_apply/3\n',
    ],
  }),

  'C++': ({ order, address }) => ({
    message: `order ${order}`,
    text: `terminate called after throwing an instance of 'shop::gone'
  what():  order ${order}
./shop(_Z5placev+0x19)[0x${address}]
#3  0x${address} in place () at place.cpp:12
 0# place() at place.cpp:12
    @     0x${address}       37  place()
`,
    frames: [
      './shop(_Z5placev+0x19)[',
      ' in place () at place.cpp:12\n 0# place() at place.cpp:12\n',
    ],
  }),
};
