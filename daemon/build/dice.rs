//! A library that is loaded before the C library's into what builds a rule in Python: every die shows the same.
//!
//! Python seeds the hashes of its texts with random bytes when it starts, and a component is a picture of Python that has
//! started: so the order of a set would be another with each build, and with it what a rule says. Python's own setting for
//! this, `PYTHONHASHSEED`, does not reach it there.
#![no_std]

use core::panic::PanicInfo;

/// The C library's function, without chance.
///
/// # Safety
/// `buffer` must have room for `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(buffer: *mut u8, length: usize, _flags: u32) -> isize {
    for place in 0..length {
        // SAFETY: the caller has room for them. Volatile, so that no call of the C library is made of the loop.
        unsafe { buffer.add(place).write_volatile(0x42) };
    }
    length.cast_signed()
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
