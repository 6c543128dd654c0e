;; The two loops of the optimiser, four numbers at a time, over memory that threads share.
;; Addresses and ends are in bytes and multiples of 16; ranges are not empty.
(module
  (import "env" "memory" (memory 1 65536 shared))

  ;; Sum of squares of the numbers from $address to $end. Squares are added up in double precision.
  (func (export "squareSum") (param $address i32) (param $end i32) (result f64)
    (local $x v128) (local $low v128) (local $high v128)
    (loop $next
      (local.set $x (v128.load (local.get $address)))
      (local.set $x (f32x4.mul (local.get $x) (local.get $x)))
      (local.set $low (f64x2.add (local.get $low) (f64x2.promote_low_f32x4 (local.get $x))))
      (local.set $x (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $x) (local.get $x)))
      (local.set $high (f64x2.add (local.get $high) (f64x2.promote_low_f32x4 (local.get $x))))
      (local.set $address (i32.add (local.get $address) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $address) (local.get $end))))
    (local.set $low (f64x2.add (local.get $low) (local.get $high)))
    (f64.add (f64x2.extract_lane 0 (local.get $low)) (f64x2.extract_lane 1 (local.get $low))))

  ;; One step of AdamW, in place, for the numbers from $value to $end and those that belong to them:
  ;;   g = gradient * scale;  m = m * beta1 + g * (1 - beta1);  v = v * beta2 + g * g * (1 - beta2)
  ;;   value = value * decayFactor - stepSize * m / (sqrt(v) * inverseBiasCorrection2 + epsilon)
  (func (export "adamw")
    (param $value i32) (param $gradient i32) (param $first i32) (param $second i32) (param $end i32)
    (param $scale f32) (param $beta1 f32) (param $oneMinusBeta1 f32) (param $beta2 f32) (param $oneMinusBeta2 f32)
    (param $decayFactor f32) (param $stepSize f32) (param $inverseBiasCorrection2 f32) (param $epsilon f32)
    (local $g v128) (local $m v128) (local $v v128)
    (local $betas1 v128) (local $oneMinusBetas1 v128) (local $betas2 v128) (local $oneMinusBetas2 v128)
    (local $scales v128) (local $decayFactors v128) (local $stepSizes v128)
    (local $inverseBiasCorrections2 v128) (local $epsilons v128)
    (local.set $scales (f32x4.splat (local.get $scale)))
    (local.set $betas1 (f32x4.splat (local.get $beta1)))
    (local.set $oneMinusBetas1 (f32x4.splat (local.get $oneMinusBeta1)))
    (local.set $betas2 (f32x4.splat (local.get $beta2)))
    (local.set $oneMinusBetas2 (f32x4.splat (local.get $oneMinusBeta2)))
    (local.set $decayFactors (f32x4.splat (local.get $decayFactor)))
    (local.set $stepSizes (f32x4.splat (local.get $stepSize)))
    (local.set $inverseBiasCorrections2 (f32x4.splat (local.get $inverseBiasCorrection2)))
    (local.set $epsilons (f32x4.splat (local.get $epsilon)))
    (loop $next
      (local.set $g (f32x4.mul (v128.load (local.get $gradient)) (local.get $scales)))
      (local.set $m
        (f32x4.add
          (f32x4.mul (v128.load (local.get $first)) (local.get $betas1))
          (f32x4.mul (local.get $g) (local.get $oneMinusBetas1))))
      (local.set $v
        (f32x4.add
          (f32x4.mul (v128.load (local.get $second)) (local.get $betas2))
          (f32x4.mul (f32x4.mul (local.get $g) (local.get $g)) (local.get $oneMinusBetas2))))
      (v128.store (local.get $first) (local.get $m))
      (v128.store (local.get $second) (local.get $v))
      (v128.store (local.get $value)
        (f32x4.sub
          (f32x4.mul (v128.load (local.get $value)) (local.get $decayFactors))
          (f32x4.div
            (f32x4.mul (local.get $stepSizes) (local.get $m))
            (f32x4.add
              (f32x4.mul (f32x4.sqrt (local.get $v)) (local.get $inverseBiasCorrections2))
              (local.get $epsilons)))))
      (local.set $gradient (i32.add (local.get $gradient) (i32.const 16)))
      (local.set $first (i32.add (local.get $first) (i32.const 16)))
      (local.set $second (i32.add (local.get $second) (i32.const 16)))
      (local.set $value (i32.add (local.get $value) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $value) (local.get $end))))))
