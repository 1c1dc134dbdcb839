/** The file by which avahi announces a box's desk in the network (avahi.service(5)). @param port the desk's */
export const avahiService = (port: number): string => `<?xml version="1.0" standalone='no'?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<!-- /etc/avahi/services/swipe.service: the desk of this box, for those who look for _swipe._tcp (RFC 6763). -->
<service-group>
  <name replace-wildcards="yes">Swipe on %h</name>
  <service>
    <type>_swipe._tcp</type>
    <port>${port}</port>
    <txt-record>txtvers=1</txt-record>
    <txt-record>api=/v1</txt-record>
    <txt-record>health=/health</txt-record>
  </service>
</service-group>
`;
