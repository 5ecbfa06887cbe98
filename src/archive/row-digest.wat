;; The row kernel: cuts a byte stream at line feeds and adds up one 128-bit hash per row, so that the total does
;; not depend on the order of rows nor on where the stream was cut. In COPY text a line feed only ever ends a row.
;; Hash per row: MurmurHash3 x64 128 (Austin Appleby, public domain) of the row's bytes without the line feed;
;; totals: the two 64-bit halves, each summed modulo 2^64. See FORMAT.md, "Row digest".
;; Memory: 0..15 carry of a row that goes on in the next call, 65536.. input.
(module
  (memory (export "memory") 18)
  (global $seed i64 (i64.const 0x686f6c64)) ;; "hold"; a zero seed would hash an empty row to zero
  (global $c1 i64 (i64.const 0x87c37b91114253d5))
  (global $c2 i64 (i64.const 0x4cf5ad432745937f))
  (global $h1 (export "h1") (mut i64) (i64.const 0x686f6c64))
  (global $h2 (export "h2") (mut i64) (i64.const 0x686f6c64))
  (global $length (export "length") (mut i64) (i64.const 0)) ;; bytes of the current row so far
  (global $filled (export "filled") (mut i32) (i32.const 0)) ;; bytes waiting in the carry
  (global $sum1 (export "sum1") (mut i64) (i64.const 0))
  (global $sum2 (export "sum2") (mut i64) (i64.const 0))
  (global $rows (export "rows") (mut i32) (i32.const 0))

  (func $mix (param $k1 i64) (param $k2 i64)
    (global.set $h1 (i64.xor (global.get $h1)
      (i64.mul (i64.rotl (i64.mul (local.get $k1) (global.get $c1)) (i64.const 31)) (global.get $c2))))
    (global.set $h1 (i64.add (i64.mul
      (i64.add (i64.rotl (global.get $h1) (i64.const 27)) (global.get $h2)) (i64.const 5)) (i64.const 0x52dce729)))
    (global.set $h2 (i64.xor (global.get $h2)
      (i64.mul (i64.rotl (i64.mul (local.get $k2) (global.get $c2)) (i64.const 33)) (global.get $c1))))
    (global.set $h2 (i64.add (i64.mul
      (i64.add (i64.rotl (global.get $h2) (i64.const 31)) (global.get $h1)) (i64.const 5)) (i64.const 0x38495ab5))))

  (func $avalanche (param $k i64) (result i64)
    (local.set $k (i64.mul (i64.xor (local.get $k) (i64.shr_u (local.get $k) (i64.const 33))) (i64.const 0xff51afd7ed558ccd)))
    (local.set $k (i64.mul (i64.xor (local.get $k) (i64.shr_u (local.get $k) (i64.const 33))) (i64.const 0xc4ceb9fe1a85ec53)))
    (i64.xor (local.get $k) (i64.shr_u (local.get $k) (i64.const 33))))

  ;; The last 0..15 bytes, zero-padded; a zero word changes nothing, as in the original's tail.
  (func $endRow (param $k1 i64) (param $k2 i64)
    (local $a i64) (local $b i64)
    (local.set $b (i64.xor (global.get $h2)
      (i64.mul (i64.rotl (i64.mul (local.get $k2) (global.get $c2)) (i64.const 33)) (global.get $c1))))
    (local.set $a (i64.xor (global.get $h1)
      (i64.mul (i64.rotl (i64.mul (local.get $k1) (global.get $c1)) (i64.const 31)) (global.get $c2))))
    (local.set $a (i64.xor (local.get $a) (global.get $length)))
    (local.set $b (i64.xor (local.get $b) (global.get $length)))
    (local.set $a (i64.add (local.get $a) (local.get $b)))
    (local.set $b (i64.add (local.get $b) (local.get $a)))
    (local.set $a (call $avalanche (local.get $a)))
    (local.set $b (call $avalanche (local.get $b)))
    (local.set $a (i64.add (local.get $a) (local.get $b)))
    (local.set $b (i64.add (local.get $b) (local.get $a)))
    (global.set $sum1 (i64.add (global.get $sum1) (local.get $a)))
    (global.set $sum2 (i64.add (global.get $sum2) (local.get $b)))
    (global.set $rows (i32.add (global.get $rows) (i32.const 1)))
    (global.set $h1 (global.get $seed))
    (global.set $h2 (global.get $seed))
    (global.set $length (i64.const 0)))

  ;; A mask that keeps the low `bytes` bytes of a word; 8 and more keep all, 0 and less none.
  (func $keep (param $bytes i32) (result i64)
    (if (i32.ge_s (local.get $bytes) (i32.const 8)) (then (return (i64.const -1))))
    (if (i32.le_s (local.get $bytes) (i32.const 0)) (then (return (i64.const 0))))
    (i64.sub (i64.shl (i64.const 1) (i64.extend_i32_u (i32.shl (local.get $bytes) (i32.const 3)))) (i64.const 1)))

  ;; Bytes until a line feed or the end of the 16 at $p, at most $limit.
  (func $reach (param $p i32) (param $limit i32) (result i32)
    (local $found i32)
    (local.set $found (i32.ctz (i32.or (i32.const 0x10000)
      (i8x16.bitmask (i8x16.eq (v128.load (local.get $p)) (i8x16.splat (i32.const 10)))))))
    (select (local.get $found) (local.get $limit) (i32.lt_u (local.get $found) (local.get $limit))))

  (func (export "update") (param $p i32) (param $size i32)
    (local $end i32) (local $n i32)
    (local.set $end (i32.add (local.get $p) (local.get $size)))
    ;; A row that began in an earlier call, byte by byte until its carry is used up.
    (block $carried
      (loop $next
        (br_if $carried (i32.eqz (global.get $filled)))
        (br_if $carried (i32.eq (local.get $p) (local.get $end)))
        (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 10))
          (then
            (call $endRow (i64.load (i32.const 0)) (i64.load (i32.const 8)))
            (call $clearCarry)
            (local.set $p (i32.add (local.get $p) (i32.const 1))))
          (else
            (i32.store8 (global.get $filled) (i32.load8_u (local.get $p)))
            (global.set $filled (i32.add (global.get $filled) (i32.const 1)))
            (global.set $length (i64.add (global.get $length) (i64.const 1)))
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (if (i32.eq (global.get $filled) (i32.const 16))
              (then
                (call $mix (i64.load (i32.const 0)) (i64.load (i32.const 8)))
                (call $clearCarry)))))
        (br $next)))
    (loop $block
      (if (i32.ge_u (local.get $p) (local.get $end)) (then (return)))
      (local.set $n (call $reach (local.get $p) (i32.const 16)))
      (if (i32.lt_u (i32.sub (local.get $end) (local.get $p)) (i32.const 16))
        (then (local.set $n (call $reach (local.get $p) (i32.sub (local.get $end) (local.get $p))))))
      (global.set $length (i64.add (global.get $length) (i64.extend_i32_u (local.get $n))))
      (if (i32.eq (local.get $n) (i32.const 16))
        (then
          (call $mix (i64.load (local.get $p)) (i64.load offset=8 (local.get $p)))
          (local.set $p (i32.add (local.get $p) (i32.const 16)))
          (br $block)))
      (if (i32.eq (i32.add (local.get $p) (local.get $n)) (local.get $end))
        (then ;; the input ends inside a row
          (memory.copy (i32.const 0) (local.get $p) (local.get $n))
          (global.set $filled (local.get $n))
          (return)))
      (call $endRow
        (i64.and (i64.load (local.get $p)) (call $keep (local.get $n)))
        (i64.and (i64.load offset=8 (local.get $p)) (call $keep (i32.sub (local.get $n) (i32.const 8)))))
      (local.set $p (i32.add (i32.add (local.get $p) (local.get $n)) (i32.const 1)))
      (br $block)))

  (func $clearCarry
    (i64.store (i32.const 0) (i64.const 0))
    (i64.store (i32.const 8) (i64.const 0))
    (global.set $filled (i32.const 0))))
