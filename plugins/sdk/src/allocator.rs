//! A component's memory: it only grows. The daemon makes a fresh instance for every batch, so what a batch leaves behind
//! goes with it, and an allocation is an addition instead of a search.

#![expect(unsafe_code, reason = "an allocator hands out raw memory")]

use std::{
    alloc::{GlobalAlloc, Layout},
    arch::wasm32::{memory_grow, memory_size},
    cell::UnsafeCell,
    ptr,
};

/// Bytes in a page of wasm memory.
const PAGE_BYTES: usize = 65_536;
/// Pages taken at once: growing is a system call on the daemon's side.
const GROWTH_PAGES: usize = 4;

unsafe extern "C" {
    /// The address at which the linker's statics and the stack end.
    static __heap_base: u8;
}

#[global_allocator]
static ALLOCATOR: Bump = Bump(UnsafeCell::new(Free { start: 0, end: 0 }));

struct Bump(UnsafeCell<Free>);

/// The start and the end of free memory.
#[derive(Clone, Copy)]
struct Free {
    start: usize,
    end: usize,
}

// SAFETY: a component of this contract has only one thread.
unsafe impl Sync for Bump {}

impl Bump {
    /// Takes `size` bytes; null when the daemon's limit on memory is reached.
    fn take(&self, size: usize, align: usize) -> *mut u8 {
        // SAFETY: one thread, and no reference into the cell outlives this function.
        let free = unsafe { &mut *self.0.get() };
        let start = free.start.next_multiple_of(align);
        let Some(end) = start.checked_add(size) else { return ptr::null_mut() };
        if end <= free.end {
            free.start = end;
            return start as *mut u8;
        }
        self.grow_and_take(size, align)
    }

    #[cold]
    fn grow_and_take(&self, size: usize, align: usize) -> *mut u8 {
        // SAFETY: as in `take`.
        let free = unsafe { &mut *self.0.get() };
        let memory_end = memory_size::<0>().saturating_mul(PAGE_BYTES);
        // The first time, free memory starts after the linker's statics. Later it goes on, unless something else has grown the
        // memory meanwhile: then it starts at the present end.
        let start = match free.end {
            0 => (&raw const __heap_base).addr(),
            end if end == memory_end => free.start,
            _ => memory_end,
        };
        let start = start.next_multiple_of(align);
        let Some(end) = start.checked_add(size) else { return ptr::null_mut() };
        let missing_pages = end.saturating_sub(memory_end).div_ceil(PAGE_BYTES);
        let grown = missing_pages == 0
            || memory_grow::<0>(missing_pages.max(GROWTH_PAGES)) != usize::MAX
            || memory_grow::<0>(missing_pages) != usize::MAX;
        if !grown {
            return ptr::null_mut();
        }
        *free = Free { start: end, end: memory_size::<0>().saturating_mul(PAGE_BYTES) };
        start as *mut u8
    }
}

// SAFETY: `take` hands out each byte once; only the last block is ever given back or made longer.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.take(layout.size(), layout.align())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let block = self.take(layout.size(), layout.align());
        if !block.is_null() {
            // SAFETY: `take` gave this many bytes. They may have been given back before, so they are not zero by themselves.
            unsafe { ptr::write_bytes(block, 0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as in `take`.
        let free = unsafe { &mut *self.0.get() };
        if block as usize + layout.size() == free.start {
            free.start = block as usize;
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as in `take`.
        let free = unsafe { &mut *self.0.get() };
        if block as usize + layout.size() == free.start && block as usize + new_size <= free.end {
            free.start = block as usize + new_size;
            return block;
        }
        let moved = self.take(new_size, layout.align());
        if !moved.is_null() {
            // SAFETY: both blocks have at least this many bytes, and a fresh block overlaps no other.
            unsafe { ptr::copy_nonoverlapping(block, moved, layout.size().min(new_size)) };
        }
        moved
    }
}
