//! A library that is loaded before the C library's into what builds a rule in Python or JavaScript: every die shows the same.
//!
//! An interpreter seeds the hashes of its texts and names with random bytes when it starts, and a component is a picture of an
//! interpreter that has started: so the order of a set would be another with each build, and with it what a rule says. Python's
//! own setting for this, `PYTHONHASHSEED`, does not reach it there.
#![no_std]

use core::{
    ffi::{CStr, c_char, c_long, c_void},
    mem,
    panic::PanicInfo,
};

/// The number by which the kernel knows `getrandom`.
#[cfg(target_arch = "x86_64")]
const GETRANDOM: c_long = 318;
#[cfg(not(target_arch = "x86_64"))]
const GETRANDOM: c_long = 278;

/// Asks [`dlsym`] for what this library stands before.
const RTLD_NEXT: *mut c_void = -1_isize as *mut c_void;
const SYSCALL: &CStr = c"syscall";

type Syscall = unsafe extern "C" fn(c_long, c_long, c_long, c_long, c_long, c_long, c_long) -> c_long;

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, symbol: *const c_char) -> *mut c_void;
}

/// The C library's function, without chance.
///
/// # Safety
/// `buffer` must have room for `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(buffer: *mut u8, length: usize, _flags: u32) -> isize {
    for index in 0..length {
        // SAFETY: the caller has room for them. Volatile, so that no call of the C library is made of the loop.
        unsafe { buffer.add(index).write_volatile(0x42) };
    }
    length.cast_signed()
}

/// The C library's function: some ask the kernel for chance in this way.
///
/// # Safety
/// As the kernel says of each number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn syscall(
    number: c_long,
    a: c_long,
    b: c_long,
    c: c_long,
    d: c_long,
    e: c_long,
    f: c_long,
) -> c_long {
    if number == GETRANDOM {
        // SAFETY: the kernel would write there.
        return unsafe { getrandom(a as *mut u8, b as usize, 0) } as c_long;
    }
    // SAFETY: the name ends with a zero, and what it names in the C library takes these.
    unsafe {
        let next = dlsym(RTLD_NEXT, SYSCALL.as_ptr());
        if next.is_null() {
            return -1;
        }
        mem::transmute::<*mut c_void, Syscall>(next)(number, a, b, c, d, e, f)
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
