package io.tidemill.consumer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The buffer of a {@link CheckedView}: each access asks the view first, and that is all there is to it. What is wrapped around
 * the memory below ({@link #byteArray}, {@link #addressOffset}) is not checked.
 */
final class CheckedBuffer implements DirectBuffer {
    private final CheckedView view;

    CheckedBuffer(CheckedView view) {
        this.view = view;
    }

    @Override
    public void wrap(byte[] source) {
        throw readOnly();
    }

    @Override
    public void wrap(byte[] source, int offset, int length) {
        throw readOnly();
    }

    @Override
    public void wrap(ByteBuffer source) {
        throw readOnly();
    }

    @Override
    public void wrap(ByteBuffer source, int offset, int length) {
        throw readOnly();
    }

    @Override
    public void wrap(DirectBuffer source) {
        throw readOnly();
    }

    @Override
    public void wrap(DirectBuffer source, int offset, int length) {
        throw readOnly();
    }

    @Override
    public void wrap(long address, int length) {
        throw readOnly();
    }

    @Override
    public long addressOffset() {
        return view.bytes().addressOffset();
    }

    @Override
    public byte @Nullable [] byteArray() {
        return view.bytes().byteArray();
    }

    @Override
    public @Nullable ByteBuffer byteBuffer() {
        return view.bytes().byteBuffer();
    }

    @Override
    public int capacity() {
        return view.bytes().capacity();
    }

    @Override
    public void checkLimit(int limit) {
        view.bytes().checkLimit(limit);
    }

    @Override
    public long getLong(int index, ByteOrder order) {
        return view.bytes().getLong(index, order);
    }

    @Override
    public long getLong(int index) {
        return view.bytes().getLong(index);
    }

    @Override
    public int getInt(int index, ByteOrder order) {
        return view.bytes().getInt(index, order);
    }

    @Override
    public int getInt(int index) {
        return view.bytes().getInt(index);
    }

    @Override
    public int parseNaturalIntAscii(int index, int length) {
        return view.bytes().parseNaturalIntAscii(index, length);
    }

    @Override
    public long parseNaturalLongAscii(int index, int length) {
        return view.bytes().parseNaturalLongAscii(index, length);
    }

    @Override
    public int parseIntAscii(int index, int length) {
        return view.bytes().parseIntAscii(index, length);
    }

    @Override
    public long parseLongAscii(int index, int length) {
        return view.bytes().parseLongAscii(index, length);
    }

    @Override
    public double getDouble(int index, ByteOrder order) {
        return view.bytes().getDouble(index, order);
    }

    @Override
    public double getDouble(int index) {
        return view.bytes().getDouble(index);
    }

    @Override
    public float getFloat(int index, ByteOrder order) {
        return view.bytes().getFloat(index, order);
    }

    @Override
    public float getFloat(int index) {
        return view.bytes().getFloat(index);
    }

    @Override
    public short getShort(int index, ByteOrder order) {
        return view.bytes().getShort(index, order);
    }

    @Override
    public short getShort(int index) {
        return view.bytes().getShort(index);
    }

    @Override
    public char getChar(int index, ByteOrder order) {
        return view.bytes().getChar(index, order);
    }

    @Override
    public char getChar(int index) {
        return view.bytes().getChar(index);
    }

    @Override
    public byte getByte(int index) {
        return view.bytes().getByte(index);
    }

    @Override
    public void getBytes(int index, byte[] target) {
        view.bytes().getBytes(index, target);
    }

    @Override
    public void getBytes(int index, byte[] target, int targetIndex, int length) {
        view.bytes().getBytes(index, target, targetIndex, length);
    }

    @Override
    public void getBytes(int index, MutableDirectBuffer target, int targetIndex, int length) {
        view.bytes().getBytes(index, target, targetIndex, length);
    }

    @Override
    public void getBytes(int index, ByteBuffer target, int length) {
        view.bytes().getBytes(index, target, length);
    }

    @Override
    public void getBytes(int index, ByteBuffer target, int targetIndex, int length) {
        view.bytes().getBytes(index, target, targetIndex, length);
    }

    @Override
    public String getStringAscii(int index) {
        return view.bytes().getStringAscii(index);
    }

    @Override
    public int getStringAscii(int index, Appendable target) {
        return view.bytes().getStringAscii(index, target);
    }

    @Override
    public String getStringAscii(int index, ByteOrder order) {
        return view.bytes().getStringAscii(index, order);
    }

    @Override
    public int getStringAscii(int index, Appendable target, ByteOrder order) {
        return view.bytes().getStringAscii(index, target, order);
    }

    @Override
    public String getStringAscii(int index, int length) {
        return view.bytes().getStringAscii(index, length);
    }

    @Override
    public int getStringAscii(int index, int length, Appendable target) {
        return view.bytes().getStringAscii(index, length, target);
    }

    @Override
    public String getStringWithoutLengthAscii(int index, int length) {
        return view.bytes().getStringWithoutLengthAscii(index, length);
    }

    @Override
    public int getStringWithoutLengthAscii(int index, int length, Appendable target) {
        return view.bytes().getStringWithoutLengthAscii(index, length, target);
    }

    @Override
    public String getStringUtf8(int index) {
        return view.bytes().getStringUtf8(index);
    }

    @Override
    public String getStringUtf8(int index, ByteOrder order) {
        return view.bytes().getStringUtf8(index, order);
    }

    @Override
    public String getStringUtf8(int index, int length) {
        return view.bytes().getStringUtf8(index, length);
    }

    @Override
    public String getStringWithoutLengthUtf8(int index, int length) {
        return view.bytes().getStringWithoutLengthUtf8(index, length);
    }

    @Override
    public void boundsCheck(int index, int length) {
        view.bytes().boundsCheck(index, length);
    }

    @Override
    public int wrapAdjustment() {
        return view.bytes().wrapAdjustment();
    }

    @Override
    public int compareTo(DirectBuffer other) {
        return view.bytes().compareTo(other);
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException("a record's buffer stays where the record is");
    }
}
