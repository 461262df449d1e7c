/** A record header, for releases that have headers and for those that do not. */
final class Header {
    final String name;
    final byte[] value;

    Header(String name, byte[] value) {
        this.name = name;
        this.value = value;
    }

    @Override
    public String toString() {
        return name + "=" + (value == null ? "null" : java.util.Arrays.toString(value));
    }
}
