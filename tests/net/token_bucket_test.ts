import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { TokenBucket } from "../../src/net/token_bucket.ts";

/** Runs something with a clock that goes when the test says so. */
function withClock(body: (pass: (ms: number) => void) => void): void {
  const real = performance.now;
  let now = 1_000;
  performance.now = () => now;
  try {
    body((ms) => {
      now += ms;
    });
  } finally {
    performance.now = real;
  }
}

test("TokenBucket owes what was spent beyond its burst, until time has passed", () => {
  withClock((pass) => {
    const bucket = new TokenBucket(100, 50);
    bucket.spend(50);
    assertEquals(bucket.owedMs, 0);
    bucket.spend(20);
    assertEquals(bucket.owedMs, 200);
    pass(150);
    assertEquals(bucket.owedMs, 50);
    pass(50);
    assertEquals(bucket.owedMs, 0);
    bucket.spend(1);
    assertEquals(bucket.owedMs, 10);
  });
});

test("TokenBucket holds no more than its burst, however long nothing is spent", () => {
  withClock((pass) => {
    const bucket = new TokenBucket(100, 50);
    pass(100_000);
    assert(bucket.isFull);
    bucket.spend(60);
    assert(!bucket.isFull);
    assertEquals(bucket.owedMs, 100);
    pass(600);
    assert(bucket.isFull);
  });
});

test("TokenBucket.take() takes no more than there is", () => {
  withClock((pass) => {
    const bucket = new TokenBucket(10, 2);
    const take = () => [1, 2, 3].map(() => bucket.take());
    assertEquals(take(), [true, true, false]);
    pass(99);
    assertEquals(take(), [false, false, false]);
    pass(2);
    assertEquals(take(), [true, false, false]);
    pass(100_000);
    assertEquals(take(), [true, true, false]);
  });
});

test("TokenBucket.add() fills it beyond its burst, once", () => {
  withClock((pass) => {
    const bucket = new TokenBucket(100, 50);
    bucket.add(1_000);
    pass(100);
    bucket.spend(150);
    assertEquals(bucket.owedMs, 0);
    pass(100_000);
    bucket.spend(51);
    assertEquals(bucket.owedMs, 10);
  });
});

test("TokenBucket.forgive() drops the debt, and no allowance", () => {
  withClock((pass) => {
    const bucket = new TokenBucket(100, 50);
    bucket.spend(1_000);
    bucket.forgive();
    assertEquals(bucket.owedMs, 0);
    bucket.spend(1);
    assertEquals(bucket.owedMs, 10);
    pass(400);
    bucket.forgive();
    bucket.spend(39);
    assertEquals(bucket.owedMs, 0);
  });
});
